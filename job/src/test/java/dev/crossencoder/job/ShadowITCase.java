package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.operator.InvalidOptionException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A second model in the shadow of the first one, for each shape of records. */
@Timeout(120)
class ShadowITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RECORDS = 24;

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  private static Map<String, String> shadow(String name, String model, String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("shadow.model", model);
    options.put("shadow.sample", "1");
    options.put("shadow.topic", name + "-shadow");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private static List<JsonNode> run(
      String name, List<ProducerRecord<byte[], byte[]>> records, Map<String, String> options)
      throws Exception {
    jobs.createTopics(name, 2);
    topics.create(name + "-shadow", 2, Map.of());
    topics.send(records);
    jobs.runToEnd(name, options);
    Map<String, JsonNode> first = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(scored(name))) {
      first.put(TestTopics.key(result), JSON.readTree(result.value()));
    }
    List<JsonNode> both = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(name + "-shadow")) {
      JsonNode value = JSON.readTree(result.value());
      both.add(value);
      // The first model's result is that of the output topic, byte for byte.
      assertThat(value.get("cross_encoder"))
          .isEqualTo(first.get(TestTopics.key(result)).get("cross_encoder"));
      assertThat(first.get(TestTopics.key(result)).has("cross_encoder_shadow")).isFalse();
    }
    assertThat(both).hasSize(RECORDS);
    return both;
  }

  @Test
  void pairsHaveBothScores() throws Exception {
    List<JsonNode> both =
        run(
            "pairs",
            TestRecords.good("pairs", 0, RECORDS),
            shadow("pairs", "demo-rank", "cross-encoder.min-score", "-100"));

    assertThat(both)
        .allSatisfy(
            value -> {
              assertThat(value.at("/cross_encoder/model").asText()).isEqualTo("demo-qa");
              assertThat(value.at("/cross_encoder_shadow/model").asText()).isEqualTo("demo-rank");
              assertThat(value.at("/cross_encoder_shadow/score").isNumber()).isTrue();
            });
  }

  @Test
  void listsHaveAllDocumentsInTheShadow() throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < RECORDS; id++) {
      records.add(
          new ProducerRecord<>(
              "lists",
              id % 2,
              bytes(String.valueOf(id)),
              bytes("{\"query\":\"Who?\",\"documents\":[\"Ada.\",\"Bread.\",\"It was Ada.\"]}")));
    }
    List<JsonNode> both =
        run(
            "lists",
            records,
            shadow(
                "lists", "demo-rank", "input.documents", "/documents", "cross-encoder.top-n", "2"));

    assertThat(both)
        .allSatisfy(
            value -> {
              assertThat(value.at("/cross_encoder/results")).hasSize(2);
              assertThat(value.at("/cross_encoder_shadow/results")).hasSize(3);
            });
  }

  @Test
  void labelsAreClassifiedByBoth() throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < RECORDS; id++) {
      records.add(
          new ProducerRecord<>(
              "labels",
              id % 2,
              bytes(String.valueOf(id)),
              bytes("{\"text\":\"The parcel %d is late.\"}".formatted(id))));
    }
    List<JsonNode> both =
        run(
            "labels",
            records,
            shadow(
                "labels",
                "demo-nli",
                "cross-encoder.model",
                "demo-nli",
                "input.text",
                "/text",
                "cross-encoder.classify.labels",
                "delivery;payment"));

    assertThat(both)
        .allSatisfy(
            value -> {
              JsonNode first = value.get("cross_encoder");
              JsonNode second = value.get("cross_encoder_shadow");
              assertThat(second.get("labels")).isEqualTo(first.get("labels"));
              for (int i = 0; i < 2; i++) {
                // Batches of other sizes round differently.
                assertThat(second.at("/scores/" + i).asDouble())
                    .isCloseTo(first.at("/scores/" + i).asDouble(), within(1e-5));
              }
            });
  }

  /** The first model's results are as without a shadow, also if there is nothing to compare. */
  @Test
  void aShadowThatCannotBeComparedChangesNothing() throws Exception {
    jobs.createTopics("other", 2);
    topics.send(TestRecords.mixed("other", 0, RECORDS));
    topics.send(
        List.of(
            new ProducerRecord<>(
                "other",
                bytes("long number"),
                bytes(
                    "{\"query\":\"q\",\"passage\":\"p\",\"n\":%s}".formatted("1".repeat(2_000))))));
    jobs.runToEnd("other", Map.of("shadow.model", "demo-rank", "shadow.sample", "1"));

    assertThat(topics.committed(scored("other"))).hasSize(22);
    assertThat(topics.committed(TestJobs.dead("other"))).hasSize(3);
  }

  @Test
  void theTopicMustExist() throws Exception {
    jobs.createTopics("missing", 2);

    assertThatThrownBy(() -> jobs.start("missing", shadow("missing", "demo-rank")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid shadow.topic: missing-shadow. There is no such topic");
  }
}
