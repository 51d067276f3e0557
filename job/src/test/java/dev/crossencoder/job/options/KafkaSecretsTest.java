package dev.crossencoder.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** The providers of a client whose user chose none. */
  private static final Set<String> OWN = KafkaSecrets.providers(Map.of());

  @Test
  void whatKafkaHidesIsASecretAndNothingElseIs() {
    for (ConfigDef.ConfigKey option : clientOptions()) {
      boolean hidden = option.type == ConfigDef.Type.PASSWORD && !PUBLIC.contains(option.name);
      assertThat(KafkaSecrets.isPlainSecret(option.name, "x", OWN))
          .as(option.name)
          .isEqualTo(hidden);
    }
  }

  /** Of a schema registry's client and other plug-ins, whose options Kafka does not know. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "schema.registry.basic.auth.user.info",
        "basic.auth.user.info",
        "confluent.api.key",
        "some.plugin.apikey",
        "some.plugin.clientSecret",
      })
  void aSecretOfAPlugInIsASecret(String key) {
    assertThat(KafkaSecrets.isPlainSecret(key, "user:plain", OWN)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${env:NAME}",
        "${file:/path/file.properties:key}",
        "${directory:/path:file}",
        "${env:ONE}${env:TWO}"
      })
  void aReferenceIsNoSecret(String value) {
    assertThat(KafkaSecrets.isPlainSecret("sasl.jaas.config", value, OWN)).isFalse();
    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", value, OWN)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.Module required password=\"${env:NAME}\";",
        "a.Module required\n username=\"plain\" password = '${env:NAME}' ;",
        "a.Module REQUIRED username=${env:U} password=${file:/with space:key};",
        "${env:MODULE} required ${env:OPTIONS};",
        "a.Module required password=\"${env:NAME}\"",
        "software.amazon.msk.auth.iam.IAMLoginModule required;",
        "a.Krb5LoginModule required useKeyTab=true keyTab=\"/etc/a.keytab\" principal=\"a@B\";",
        "a.Module optional password=\"${env:A}\"; b.Module required password=\"${env:B}\";",
      })
  void aLoginLineMayHaveNamesInPlainText(String value) {
    assertThat(KafkaSecrets.isPlainSecret("sasl.jaas.config", value, OWN)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.Module required username=\"${env:U}\" password=\"plain\";",
        "a.Module required username=\"${env:U}\" password=plain;",
        "a.Module required password=\"${env:P}plain\";",
        "a.Module required password=\"plain${env:P}\";",
        "a.Module required password=\"${env:P}\" clientSecret=\"plain\";",
        "a.Module required password=\"${env:P}\" whatever=\"plain\";",
        "a.Module required password=\"${env:P}\" password=\"plain\";",
        "a.Module required password=\"${env:P}\"; b.Module required password=\"plain\";",
        "a.Module required password=\"${env:P}\" // plain\n;",
        "a.Module required /* plain */ password=\"${env:P}\";",
        "a.Module required password=\"${env:P}\" plain;",
        "a.Module required password=\"${plain}\";",
        "a.Module required password=\"${plain:text}\";",
        "a.Module required password=\"${env:P}\"; plain",
        "a.Module plain password=\"${env:P}\";",
        "plain",
        "${env:P} plain",
        "a.Module required username=\"a\" b\" password=\"${env:P}\";",
        "a.Module required username=\"a\\\" password=plain\" password=\"plain\";",
      })
  void aLoginLineWithAnyPlainPartWhereASecretMayStandIsASecret(String value) {
    assertThat(KafkaSecrets.isPlainSecret("sasl.jaas.config", value, OWN)).isTrue();
  }

  @Test
  void aReferenceIsOneToAProviderThatTheClientsHave() {
    Set<String> vault = KafkaSecrets.providers(Map.of("config.providers", "env, vault"));

    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", "${vault:a:b}", vault)).isFalse();
    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", "${vault:a:b}", OWN)).isTrue();
    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", "${file:a:b}", vault)).isTrue();
  }

  @Test
  void aUrlWithAPasswordIsASecretWhateverItsKey() {
    String key = "sasl.oauthbearer.token.endpoint.url";

    assertThat(KafkaSecrets.isPlainSecret(key, "https://me:hunter2@host/token", OWN)).isTrue();
    assertThat(KafkaSecrets.isPlainSecret(key, "https://host:443/token?a=b@c", OWN)).isFalse();
    assertThat(KafkaSecrets.isPlainSecret(key, "${env:URL}", OWN)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "$NAME",
        "${NAME}",
        "env:NAME",
        "",
        "${env:NAME}x",
        "x${env:NAME}",
        "${env:A} ${env:B}",
        "${hunter:2}"
      })
  void anythingElseIsASecret(String value) {
    assertThat(KafkaSecrets.isPlainSecret("ssl.key.password", value, OWN)).isTrue();
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
