package dev.crossencoder.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedKafkaITCase {
  @TempDir Path folder;

  @Test
  void whatIsProducedCanBeConsumed() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
      kafka.createTopic("pairs", 3);

      Clients.of(kafka).send("pairs", "a", "b", "c");

      assertThat(Clients.of(kafka).receive("pairs", 3)).containsExactlyInAnyOrder("a", "b", "c");
    }
  }

  @Test
  void anAbortedTransactionIsNotSeenByAReaderOfCommittedRecords() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
      kafka.createTopic("scores", 1);
      Clients transactional = Clients.of(kafka).with(Map.of("transactional.id", "scorer"));

      try (Producer<String, String> producer = transactional.producer()) {
        producer.initTransactions();
        producer.beginTransaction();
        Clients.send(producer, "scores", "aborted");
        producer.abortTransaction();
        producer.beginTransaction();
        Clients.send(producer, "scores", "committed");
        producer.commitTransaction();
      }

      assertThat(Clients.of(kafka).receive("scores", 1)).containsExactly("committed");
    }
  }

  @Test
  @Tag("full")
  void recordsAndOffsetsSurviveARestartOnTheSameFolderAndPort() throws Exception {
    String address;
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
      kafka.createTopic("pairs", 2);
      Clients.of(kafka).send("pairs", "read before");
      assertThat(Clients.of(kafka).receive("pairs", 1)).containsExactly("read before");
      Clients.of(kafka).send("pairs", "unread");
      address = kafka.bootstrapServers();
      port = kafka.port();
    }

    try (EmbeddedKafka restarted = EmbeddedKafka.start(folder, port, Map.of())) {
      assertThat(restarted.bootstrapServers()).isEqualTo(address);
      assertThat(Clients.of(restarted).receive("pairs", 1)).containsExactly("unread");
    }
  }

  @Test
  @Tag("full")
  void twoBrokersLiveInOneJvm() throws Exception {
    try (EmbeddedKafka first = EmbeddedKafka.start(folder.resolve("first"))) {
      try (EmbeddedKafka second = EmbeddedKafka.start(folder.resolve("second"))) {
        first.createTopic("pairs", 1);
        second.createTopic("pairs", 1);
        Clients.of(first).send("pairs", "to the first");
        Clients.of(second).send("pairs", "to the second");

        assertThat(Clients.of(second).receive("pairs", 1)).containsExactly("to the second");
      }
      assertThat(Clients.of(first).receive("pairs", 1)).containsExactly("to the first");
    }
  }

  @Test
  void clientsCanBeMadeToAuthenticate() throws Exception {
    String login = "org.apache.kafka.common.security.plain.PlainLoginModule required ";
    Map<String, String> overrides =
        Map.of(
            "listeners",
            "SASL_PLAINTEXT://localhost:0",
            "sasl.enabled.mechanisms",
            "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config",
            login + "user_reader=\"secret\";");

    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, overrides)) {
      kafka.createTopic("pairs", 1);
      Clients clients =
          Clients.of(kafka)
              .with(
                  Map.of(
                      "security.protocol",
                      "SASL_PLAINTEXT",
                      "sasl.mechanism",
                      "PLAIN",
                      "sasl.jaas.config",
                      login + "username=\"reader\" password=\"secret\";"));
      clients.send("pairs", "secured");

      assertThat(clients.receive("pairs", 1)).containsExactly("secured");
    }
  }

  @Test
  void aTopicIsNotCreatedTwice() {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
      kafka.createTopic("pairs", 1);

      assertThatThrownBy(() -> kafka.createTopic("pairs", 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Cannot create topic pairs with 1 partitions, ")
          .hasCauseInstanceOf(TopicExistsException.class);
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    EmbeddedKafka kafka = EmbeddedKafka.start(folder);

    kafka.close();
    kafka.close();
  }

  @Test
  void aClosedBrokerRefusesTopics() {
    EmbeddedKafka kafka = EmbeddedKafka.start(folder);
    kafka.close();

    assertThatThrownBy(() -> kafka.createTopic("pairs", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot create topic pairs, the broker is closed");
  }

  @Test
  void aTakenPortIsNamedAndTheFolderLeftFree() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> EmbeddedKafka.start(folder, taken.getLocalPort(), Map.of()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Cannot start Kafka in " + folder)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
    }

    EmbeddedKafka.start(folder).close();
  }

  @Test
  void kafkaCannotEndTheJvm() {
    EmbeddedKafka.start(folder).close();

    assertThatThrownBy(() -> Exit.halt(1, "the folder is gone"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the folder is gone");
  }
}
