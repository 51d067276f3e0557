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
import dev.crossencoder.model.TextPair;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Records that choose among several models. */
@Timeout(120)
class RoutedRecordITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TextPair PAIR =
      new TextPair("How tall is the water tower?", "The water tower stands 41 metres tall.");
  private static final List<String> NAMES = List.of("rank", "qa", "nli");
  private static final Map<String, String> MODELS =
      Map.of(
          "route", "/to/model",
          "cross-encoder.models.rank.model", "demo-rank",
          "cross-encoder.models.qa.model", "demo-qa",
          "cross-encoder.models.nli.model", "demo-nli",
          "cross-encoder.models.nli.activation", "softmax");

  /** So many records in a row have the same model. */
  private static final int RUN = 30;

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

  private static Map<String, String> with(String... keysAndValues) {
    Map<String, String> options = new HashMap<>(MODELS);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  private static String record(int id, String to) {
    return "{\"id\":%d,\"to\":%s,\"query\":\"%s\",\"passage\":\"%s\"}"
        .formatted(id, to, PAIR.text(), PAIR.textPair());
  }

  private static String record(int id) {
    return record(id, "{\"model\":\"%s\"}".formatted(NAMES.get(id % NAMES.size())));
  }

  private static ProducerRecord<byte[], byte[]> message(String topic, int id, String value) {
    return new ProducerRecord<>(topic, id % 2, bytes(String.valueOf(id)), bytes(value));
  }

  @Test
  void eachRecordIsScoredByTheModelThatItNamesWithThatModelsOptions() throws Exception {
    jobs.createTopics("routed", 2);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < 30; id++) {
      records.add(message("routed", id, record(id)));
    }
    topics.send(records);
    jobs.runToEnd("routed", MODELS);

    Map<String, JsonNode> expected = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(scored("routed"))) {
      JsonNode value = JSON.readTree(result.value());
      String name = value.at("/to/model").asText();
      assertThat(value.at("/cross_encoder/model").asText()).isEqualTo("demo-" + name);
      expected.putIfAbsent(name, value.path("cross_encoder"));
      assertThat(value.at("/cross_encoder/score").asDouble())
          .isCloseTo(expected.get(name).path("score").asDouble(), within(1e-5));
    }
    assertThat(topics.committed(scored("routed"))).hasSize(30);
    for (String name : NAMES) {
      try (CrossEncoder model =
          CrossEncoder.open(
              ModelRepository.shared().resolve("demo-" + name), CrossEncoderOptions.DEFAULT)) {
        assertThat(expected.get(name).path("revision").asText()).isEqualTo(model.bundle().digest());
        if (!name.equals("nli")) {
          assertThat(expected.get(name).path("score").asDouble())
              .isCloseTo(model.score(List.of(PAIR)).get(0).score(), within(1e-5));
        }
      }
    }
    double sum = 0;
    for (JsonNode probability : expected.get("nli").path("scores")) {
      sum += probability.asDouble();
    }
    assertThat(sum).as("softmax").isCloseTo(1, within(1e-5));
  }

  @Test
  void aRecordWithoutAKnownModelIsADeadLetterAndTheOthersGoOn() throws Exception {
    jobs.createTopics("unknown", 2);
    topics.send(
        List.of(
            message("unknown", 0, record(0, "{\"model\":\"fr\"}")),
            message("unknown", 2, record(2, "{}")),
            message("unknown", 4, record(4, "{\"model\":null}")),
            message("unknown", 6, record(6, "{\"model\":7}")),
            message("unknown", 8, "{"),
            message("unknown", 10, record(10))));
    jobs.runToEnd("unknown", MODELS);

    assertThat(topics.committed(dead("unknown")))
        .extracting(
            letter ->
                TestTopics.key(letter)
                    + " "
                    + TestTopics.headers(letter).get("cross-encoder.reason"))
        .containsExactly(
            "0 unknown_model",
            "2 unknown_model",
            "4 unknown_model",
            "6 not_text",
            "8 malformed_json");
    assertThat(TestTopics.headers(topics.committed(dead("unknown")).get(0)))
        .containsEntry(
            "cross-encoder.message",
            "The record names a model that is not one of cross-encoder.models: nli, qa, rank.");
    assertThat(topics.committed(scored("unknown"))).hasSize(1);
  }

  @Test
  void theDefaultScoresRecordsWithoutAName() throws Exception {
    jobs.createTopics("default", 2);
    topics.send(
        List.of(
            message("default", 0, record(0, "{}")),
            message("default", 2, record(2, "null")),
            new ProducerRecord<>("default", 0, bytes("tombstone"), null)));
    jobs.runToEnd(
        "default", with("cross-encoder.route.default", "qa", "input.tombstones", "forward"));

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("default"));
    assertThat(results).hasSize(3);
    assertThat(JSON.readTree(results.get(0).value()).at("/cross_encoder/model").asText())
        .isEqualTo("demo-qa");
    assertThat(JSON.readTree(results.get(1).value()).at("/cross_encoder/model").asText())
        .isEqualTo("demo-qa");
    assertThat(results.get(2).value()).isNull();
  }

  /** One model at a time; the records in flight wait for three. */
  @Test
  void recordsAreScoredOnceAcrossASavepointWhileModelsReplaceEachOther() throws Exception {
    int count = 180;
    jobs.createTopics("replaced", 2);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      String name = NAMES.get(id / RUN % NAMES.size());
      records.add(message("replaced", id, record(id, "{\"model\":\"%s\"}".formatted(name))));
    }
    topics.send(records);
    Map<String, String> options =
        with(
            "cross-encoder.models.max-loaded", "1",
            "cross-encoder.capacity", "16",
            "cross-encoder.batch.max-pairs", "8");
    JobClient job = jobs.start(TestJobs.environment(), "replaced", options);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> topics.written(scored("replaced")).size() > 10);
    String savepoint = jobs.stopWithSavepoint(job, folder);

    JobClient resumed = jobs.start(TestJobs.from(savepoint), "replaced", options);
    topics.awaitCommitted(count, scored("replaced"));
    resumed.cancel().get(30, TimeUnit.SECONDS);

    assertThat(topics.countsByKey(scored("replaced"), dead("replaced")))
        .hasSize(count)
        .allSatisfy((key, times) -> assertThat(times).isOne());
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(scored("replaced"))) {
      JsonNode value = JSON.readTree(result.value());
      assertThat(value.at("/cross_encoder/model").asText())
          .isEqualTo("demo-" + value.at("/to/model").asText());
    }
  }
}
