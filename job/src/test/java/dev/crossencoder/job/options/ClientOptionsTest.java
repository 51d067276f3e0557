package dev.crossencoder.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crossencoder.job.options.JobOptions.Delivery;
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
      Throwable refusal =
          catchThrowable(() -> ClientOptions.resolve(options(key, SECRET), Delivery.AT_LEAST_ONCE));
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
        "acks|Invalid properties.acks: (not shown). It must be a string that fits [all, -1, 0, 1].",
        "max.poll.records|Invalid properties.max.poll.records: (not shown). It must be a whole number that fits [1,...].",
        "enable.idempotence|Invalid properties.enable.idempotence: (not shown). It must be true or false.",
        "partitioner.class|Invalid properties.partitioner.class: (not shown). It must be the name of a class that Flink or the job jar has.",
      })
  void whatAValueMustBeIsSaidForOptionsOfEveryClient(String key, String message) {
    assertThatThrownBy(() -> ClientOptions.resolve(options(key, SECRET), Delivery.AT_LEAST_ONCE))
        .hasMessage(message);
  }

  @Test
  void partsOfValuesAreHiddenInSentencesThatNameNoKey() {
    ConfigException refusal =
        new ConfigException("Invalid url in bootstrap.servers: hunter2-plugh");
    Properties values = options("bootstrap.servers", "a:1,hunter2-plugh");

    assertThat(ClientOptions.refusal(refusal, values))
        .hasMessage(
            "Invalid option of Kafka's clients (properties.*): Invalid url in bootstrap.servers: (not shown)");
  }

  /** Each passes the clients' own checks of single values. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "acks|0|both|It must be all",
        "acks| 1 |both|It must be all",
        "enable.idempotence|false|exactly-once|It must be true with delivery exactly-once.",
        "retries|0|exactly-once|It must not be 0 with delivery exactly-once.",
        "delivery.timeout.ms|100|both|It must be at least 30005, the sum of linger.ms and request.timeout.ms.",
        "max.in.flight.requests.per.connection|9|both|max.in.flight.requests.per.connection must be set to at most 5",
        "transaction.two.phase.commit.enable|true|exactly-once|Cannot set transaction.timeout.ms",
        "enable.auto.commit|true|both|The job commits the group's offsets with its checkpoints",
        "group.remote.assignor|range|both|group.remote.assignor cannot be set when group.protocol=CLASSIC",
        "key.serializer|example.NoSuchClass|both|The job reads and writes bytes: remove this option.",
        "value.serializer|org.apache.kafka.common.serialization.StringSerializer|both|remove this option.",
        "key.deserializer|org.apache.kafka.common.serialization.StringDeserializer|both|remove this option.",
        "value.deserializer|example.NoSuchClass|both|remove this option."
      })
  void whatUndoesTheJobsPromisesOrContradictsItIsRefusedBeforeSubmission(
      String key, String value, String deliveries, String message) {
    for (Delivery delivery : Delivery.values()) {
      if (deliveries.equals("both") || deliveries.equals(delivery.toString())) {
        assertThatThrownBy(() -> ClientOptions.resolve(options(key, value), delivery))
            .as(delivery.toString())
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasNoCause()
            .hasMessageContaining(key)
            .hasMessageContaining(message);
      } else {
        assertThat(ClientOptions.resolve(options(key, value), delivery)).containsKey(key);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "acks,all",
    "acks,-1",
    "linger.ms,200000",
    "retries,3",
    "enable.auto.commit,false",
    "group.instance.id,one",
    "client.id,me",
    "value.serializer,org.apache.kafka.common.serialization.ByteArraySerializer",
    "key.deserializer,org.apache.kafka.common.serialization.ByteArrayDeserializer"
  })
  void whatTheJobCanDoWithIsTaken(String key, String value) {
    for (Delivery delivery : Delivery.values()) {
      assertThat(ClientOptions.resolve(options(key, value), delivery)).containsEntry(key, value);
    }
  }

  private static Properties options(String key, String value) {
    Properties options = new Properties();
    options.put("bootstrap.servers", "localhost:1");
    options.put(key, value);
    return options;
  }
}
