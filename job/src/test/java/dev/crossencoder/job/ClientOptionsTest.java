package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientOptionsTest {
  private static final String SECRET = "hunter2-plugh";

  @Test
  void noValueOfAnyOptionIsRepeatedWhateverItsKey() {
    Map<String, ConfigDef.ConfigKey> keys = new LinkedHashMap<>();
    keys.putAll(ConsumerConfig.configDef().configKeys());
    keys.putAll(ProducerConfig.configDef().configKeys());
    keys.putAll(AdminClientConfig.configDef().configKeys());
    int refused = 0;
    for (String key : keys.keySet()) {
      Throwable refusal = catchThrowable(() -> ClientOptions.resolve(options(key, SECRET)));
      if (refusal != null) {
        refused++;
        assertThat(refusal)
            .as(key)
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasNoCause()
            .hasMessageContaining(key)
            .hasMessageNotContaining(SECRET);
      }
    }
    assertThat(refused).as("options that do not take everything").isGreaterThan(50);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "acks|Invalid kafka.acks: (not shown). It must be a string that fits [all, -1, 0, 1].",
        "max.poll.records|Invalid kafka.max.poll.records: (not shown). It must be a whole number that fits [1,...].",
        "enable.idempotence|Invalid kafka.enable.idempotence: (not shown). It must be true or false.",
        "partitioner.class|Invalid kafka.partitioner.class: (not shown). It must be the name of a class that Flink or the job jar has.",
      })
  void whatAValueMustBeIsSaidForOptionsOfEveryClient(String key, String message) {
    assertThatThrownBy(() -> ClientOptions.resolve(options(key, SECRET))).hasMessage(message);
  }

  @Test
  void partsOfValuesAreHiddenInSentencesThatNameNoKey() {
    ConfigException refusal =
        new ConfigException("Invalid url in bootstrap.servers: hunter2-plugh");
    Properties values = options("bootstrap.servers", "a:1,hunter2-plugh");

    assertThat(ClientOptions.refusal(refusal, values))
        .hasMessage(
            "Invalid option of Kafka's clients (kafka.*): Invalid url in bootstrap.servers: (not shown)");
  }

  @Test
  void deserializersOfTheUserAreLeftToTheConnector() {
    assertThat(ClientOptions.resolve(options("client.id", "me"))).containsEntry("client.id", "me");
  }

  private static Properties options(String key, String value) {
    Properties options = new Properties();
    options.put("bootstrap.servers", "localhost:1");
    options.put(key, value);
    return options;
  }
}
