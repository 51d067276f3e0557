package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSecretsTest {
  /** Certificates are of Kafka's type for passwords, and known to everybody all the same. */
  private static final List<String> PUBLIC =
      List.of("ssl.keystore.certificate.chain", "ssl.truststore.certificates");

  @Test
  void whatKafkaHidesIsASecretAndNothingElseIs() {
    for (ConfigDef.ConfigKey option : clientOptions()) {
      boolean hidden = option.type == ConfigDef.Type.PASSWORD && !PUBLIC.contains(option.name);
      assertThat(KafkaSecrets.isPlainSecret(option.name, "x")).as(option.name).isEqualTo(hidden);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${env:NAME}",
        "${file:/path/file.properties:key}",
        "${directory:/path:file}",
        "a module required password=\"${env:NAME}\";",
        "a module required\n password=\"${vault:path:key}\";"
      })
  void aReferenceIsNoSecret(String value) {
    assertThat(KafkaSecrets.isPlainSecret("sasl.jaas.config", value)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hunter2", "$NAME", "${NAME}", "env:NAME", ""})
  void anythingElseIsASecret(String value) {
    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", value)).isTrue();
  }

  @Test
  void theClientsResolveReferences() {
    Map<String, String> kafka = new HashMap<>();
    KafkaSecrets.addConfigProviders(kafka);
    kafka.put("bootstrap.servers", "localhost:1");
    kafka.put("client.id", "${env:PATH}");

    assertThat(new AdminClientConfig(kafka).getString("client.id"))
        .isEqualTo(System.getenv("PATH"));
  }

  @Test
  void providersOfTheUserAreLeftAlone() {
    Map<String, String> kafka = new HashMap<>(Map.of("config.providers", "vault"));

    KafkaSecrets.addConfigProviders(kafka);

    assertThat(kafka).containsOnly(Map.entry("config.providers", "vault"));
  }

  private static List<ConfigDef.ConfigKey> clientOptions() {
    List<ConfigDef.ConfigKey> options = new ArrayList<>();
    options.addAll(ConsumerConfig.configDef().configKeys().values());
    options.addAll(ProducerConfig.configDef().configKeys().values());
    options.addAll(AdminClientConfig.configDef().configKeys().values());
    return options;
  }
}
