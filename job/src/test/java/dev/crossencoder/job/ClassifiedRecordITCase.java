package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Records with a text and labels. */
@Timeout(120)
class ClassifiedRecordITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LABELS = "cross-encoder.classify.labels";
  private static final String TEXT = "The bread was warm and the soup was salty.";

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder);
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aTextIsClassifiedAsTheLibraryDoesAndOtherBytesAreKept() throws Exception {
    String record = "{ \"text\": \"%s\",\t\"id\": 1.50 }".formatted(TEXT);
    run(
        "labels",
        Map.of(LABELS, "food;ships;sport", "cross-encoder.classify.template", "This is about {}."),
        record);

    String value = TestTopics.value(only(scored("labels")));
    assertThat(value).startsWith(record.substring(0, record.length() - 2) + ",\"cross_encoder\":");
    JsonNode result = JSON.readTree(value).path("cross_encoder");
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-nli"), CrossEncoderOptions.DEFAULT)) {
      Classification expected =
          model.classify(
              TEXT,
              List.of("food", "ships", "sport"),
              ClassifyOptions.DEFAULT.withTemplate("This is about {}."));
      assertThat(result.path("labels")).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(result.path("labels").path(i).asText()).isEqualTo(expected.labels().get(i));
        assertThat(result.path("scores").path(i).asDouble())
            .isCloseTo(expected.scores().get(i), within(1e-5));
      }
      assertThat(result.path("revision").asText()).isEqualTo(model.bundle().digest());
    }
    assertThat(result.path("truncated").asBoolean()).isFalse();
    assertThat(result.has("score")).isFalse();
  }

  @Test
  void badLabelsAreDeadLettersAndATombstoneIsNot() throws Exception {
    run(
        "own",
        Map.of(LABELS, "/labels", "input.text", "/body", "input.tombstones", "forward"),
        "{\"body\":\"%s\",\"labels\":[\"food\",\"ships\"]}".formatted(TEXT),
        "{\"body\":\"a\",\"labels\":[]}",
        "{\"body\":\"a\",\"labels\":[\"x\",\"x\"]}",
        "{\"body\":\"a\",\"labels\":[3]}",
        "{\"body\":\"a\",\"labels\":\"x\"}",
        "{\"body\":\"a\"}",
        null);

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("own"));
    assertThat(results).hasSize(2);
    assertThat(JSON.readTree(results.get(0).value()).at("/cross_encoder/labels/0").asText())
        .isEqualTo("food");
    assertThat(results.get(1).value()).isNull();
    assertThat(topics.committed(dead("own")))
        .extracting(letter -> TestTopics.headers(letter).get("cross-encoder.reason"))
        .containsExactly(
            "invalid_labels", "invalid_labels", "invalid_labels", "not_array", "missing_field");
  }

  @Test
  void aTextWhoseLabelsDoNotReachTheirThresholdsIsInNoTopic() throws Exception {
    run(
        "thresholds",
        Map.of(LABELS, "/labels", "cross-encoder.label-threshold", "food=0.5"),
        "{\"text\":\"%s\",\"labels\":[\"food\",\"ships\"]}".formatted(TEXT),
        "{\"text\":\"%s\",\"labels\":[\"ships\",\"rain\"]}".formatted(TEXT));

    assertThat(JSON.readTree(only(scored("thresholds")).value()).at("/labels/0").asText())
        .isEqualTo("food");
    assertThat(topics.committed(dead("thresholds"))).isEmpty();
  }

  /** Texts in flight are part of the savepoint, whatever the order and distribution. */
  @Test
  @Tag("full")
  void textsAreClassifiedOnceAcrossASavepointWithAnotherParallelism() throws Exception {
    jobs.createTopics("resumed", 2);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < 200; id++) {
      String value = "{\"id\":%d,\"text\":\"%s\"}".formatted(id, TEXT);
      records.add(new ProducerRecord<>("resumed", id % 2, bytes("" + id), bytes(value)));
    }
    topics.send(records);
    Map<String, String> options =
        Map.of(
            "cross-encoder.model",
            "demo-nli",
            LABELS,
            "food;ships;sport",
            "distribution",
            "rebalance",
            "cross-encoder.order",
            "unordered",
            "cross-encoder.batch.max-pairs",
            "8",
            "cross-encoder.capacity",
            "16");
    JobClient job = jobs.start(TestJobs.environment(), "resumed", options);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> topics.written(scored("resumed")).size() > 20);
    String savepoint = jobs.stopWithSavepoint(job, folder);
    assertThat(topics.committed(scored("resumed"))).hasSizeBetween(21, 199);

    Map<String, String> more = new HashMap<>(options);
    more.put("parallelism", "1");
    JobClient resumed = jobs.start(TestJobs.from(savepoint), "resumed", more);
    topics.awaitCommitted(200, scored("resumed"));
    resumed.cancel().get(30, TimeUnit.SECONDS);

    assertThat(topics.countsByKey(scored("resumed"), dead("resumed")))
        .hasSize(200)
        .allSatisfy((key, count) -> assertThat(count).isOne());
    assertThat(topics.committed(scored("resumed")))
        .allSatisfy(
            result ->
                assertThat(JSON.readTree(result.value()).at("/cross_encoder/labels")).hasSize(3));
  }

  /** Runs a job over records, which are in one partition. */
  private static void run(String name, Map<String, String> options, String... values)
      throws Exception {
    jobs.createTopics(name, 1);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (String value : values) {
      records.add(new ProducerRecord<>(name, 0, bytes("k"), value == null ? null : bytes(value)));
    }
    topics.send(records);
    Map<String, String> all = new HashMap<>(options);
    all.put("cross-encoder.model", "demo-nli");
    jobs.runToEnd(name, all);
  }

  private static ConsumerRecord<byte[], byte[]> only(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = topics.committed(topic);
    assertThat(records).hasSize(1);
    return records.get(0);
  }
}
