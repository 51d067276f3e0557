package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Where results appear, when, and with what beside their value. */
@Timeout(120)
class JobKafkaITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofSeconds(60);

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
  void withExactlyOnceResultsAppearWhenACheckpointCompletes(@InjectMiniCluster MiniCluster flink)
      throws Exception {
    jobs.createTopics("exactly", 2);
    topics.send(TestRecords.mixed("exactly", 0, 40));

    JobClient job = jobs.start("exactly", Map.of("checkpoint.interval", TestJobs.RARELY));
    await().atMost(DEADLINE).until(() -> topics.written(scored("exactly")).size() == 36);
    await().atMost(DEADLINE).until(() -> topics.written(dead("exactly")).size() == 4);
    assertThat(topics.countsByKey(scored("exactly"), dead("exactly"))).isEmpty();
    assertThat(transactionalIds("exactly"))
        .isNotEmpty()
        .allMatch(id -> id.matches("exactly-(results|dead-letters)-.*"))
        .anyMatch(id -> id.startsWith("exactly-results-"))
        .anyMatch(id -> id.startsWith("exactly-dead-letters-"));

    flink.triggerCheckpoint(job.getJobID()).get(30, TimeUnit.SECONDS);

    topics.awaitCommitted(36, scored("exactly"));
    topics.awaitCommitted(4, dead("exactly"));
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("exactly"), dead("exactly"))).hasSize(40);
  }

  @Test
  void withAtLeastOnceResultsAppearWithoutCheckpoints() throws Exception {
    jobs.createTopics("at-least", 2);
    topics.send(TestRecords.mixed("at-least", 0, 20));

    JobClient job =
        jobs.start(
            "at-least",
            Map.of("delivery", "at-least-once", "checkpoint.interval", TestJobs.RARELY));

    topics.awaitCommitted(18, scored("at-least"));
    topics.awaitCommitted(2, dead("at-least"));
    assertThat(transactionalIds("at-least")).isEmpty();
    job.cancel().get(30, TimeUnit.SECONDS);
  }

  @Test
  void aBoundedRunEndsByItselfAndCommitsEverything() throws Exception {
    jobs.createTopics("bounded", 2);
    topics.send(TestRecords.mixed("bounded", 0, 100));

    jobs.runToEnd("bounded", Map.of("checkpoint.interval", TestJobs.RARELY));

    assertThat(topics.countsByKey(scored("bounded"), dead("bounded")))
        .hasSize(100)
        .allSatisfy((key, count) -> assertThat(count).isOne());
  }

  @Test
  void keyHeadersTimestampPartitionAndOrderAreKept() throws Exception {
    jobs.createTopics("kept", 2);
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (int id = 0; id < 60; id++) {
      List<Header> headers =
          List.of(
              new RecordHeader("trace", bytes("t" + id)),
              new RecordHeader("trace", null),
              new RecordHeader("", new byte[] {(byte) 0xff, 0}));
      byte[] key = id % 5 == 0 ? null : bytes("k" + id);
      sent.add(
          new ProducerRecord<>(
              "kept", id % 3 == 0 ? 0 : 1, 1_000_000L + id, key, TestRecords.value(id), headers));
    }
    topics.send(sent);

    jobs.runToEnd("kept", Map.of());

    List<ConsumerRecord<byte[], byte[]>> read = topics.committed("kept");
    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("kept"));
    assertThat(results).hasSameSizeAs(read);
    for (int i = 0; i < read.size(); i++) {
      assertThat(results.get(i).partition()).isEqualTo(read.get(i).partition());
      assertThat(results.get(i).key()).isEqualTo(read.get(i).key());
      assertThat(results.get(i).timestamp()).isEqualTo(read.get(i).timestamp());
      assertThat(results.get(i).headers()).isEqualTo(read.get(i).headers());
    }
  }

  @Test
  @Tag("full")
  void withAnotherNumberOfPartitionsTheKeyDecides() throws Exception {
    topics.create("by-key", 2, Map.of());
    topics.create(scored("by-key"), 3, Map.of());
    topics.create(dead("by-key"), 3, Map.of());
    topics.send(TestRecords.mixed("by-key", 0, 30));

    jobs.runToEnd("by-key", Map.of());

    List<ConsumerRecord<byte[], byte[]>> results = new ArrayList<>();
    results.addAll(topics.committed(scored("by-key")));
    results.addAll(topics.committed(dead("by-key")));
    assertThat(results)
        .hasSize(30)
        .allSatisfy(
            record ->
                assertThat(record.partition())
                    .isEqualTo(Utils.toPositive(Utils.murmur2(record.key())) % 3));
  }

  @Test
  void rebalancedRecordsOfOnePartitionAreAllScored() throws Exception {
    jobs.createTopics("rebalanced", 1);
    topics.send(TestRecords.good("rebalanced", 0, 100));

    jobs.runToEnd("rebalanced", Map.of("distribution", "rebalance"));

    assertThat(topics.countsByKey(scored("rebalanced")))
        .hasSize(100)
        .allSatisfy((key, count) -> assertThat(count).isOne());
  }

  @Test
  void premisesAndHypothesesGetLabels() throws Exception {
    jobs.createTopics("nli", 1);
    String value = "{\"premise\":\"A man sleeps.\",\"hypothesis\":\"A person is asleep.\"}";
    topics.send(List.of(TestTopics.record("nli", "1", bytes(value))));

    jobs.runToEnd("nli", Map.of("cross-encoder.model", "demo-nli", "output.logits", "true"));

    JsonNode result = member(topics.committed(scored("nli")).get(0), "cross_encoder");
    assertThat(result.path("model").asText()).isEqualTo("demo-nli");
    assertThat(result.path("label").asText()).isEqualTo("entailment");
    assertThat(names(result.path("scores")))
        .containsExactly("contradiction", "entailment", "neutral");
    assertThat(result.path("score")).isEqualTo(result.path("scores").path("entailment"));
    assertThat(result.path("logits").size()).isEqualTo(3);
  }

  @Test
  void textsAreFoundByPointersOfOnesOwn() throws Exception {
    jobs.createTopics("pointers", 1);
    String value = "{\"doc\":{\"title\":\"Cheese?\",\"parts\":[1,{\"a/b\":\"Cheese is milk.\"}]}}";
    topics.send(List.of(TestTopics.record("pointers", "1", bytes(value))));

    jobs.runToEnd(
        "pointers",
        Map.of(
            "input.text", "/doc/title",
            "input.text-pair", "/doc/parts/1/a~1b",
            "output.field", "relevance"));

    ConsumerRecord<byte[], byte[]> result = topics.committed(scored("pointers")).get(0);
    assertThat(TestTopics.value(result))
        .startsWith(
            value.substring(0, value.length() - 1) + ",\"relevance\":{\"model\":\"demo-qa\"")
        .endsWith("}}");
    assertThat(names(member(result, "relevance")))
        .containsExactly("model", "revision", "score", "truncated");
  }

  @Test
  void aStoppedJobGoesOnWhereItsGroupCommitted() throws Exception {
    jobs.createTopics("resumed", 2);
    topics.send(TestRecords.good("resumed", 0, 30));
    jobs.runToEnd("resumed", Map.of());
    topics.send(TestRecords.good("resumed", 30, 60));

    jobs.runToEnd("resumed", Map.of());

    assertThat(topics.countsByKey(scored("resumed")))
        .isEqualTo(
            new TreeMap<>(
                IntStream.range(0, 60)
                    .boxed()
                    .collect(Collectors.toMap(String::valueOf, id -> 1))));
  }

  private static List<String> transactionalIds(String job) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin.listTransactions().all().get(30, TimeUnit.SECONDS).stream()
          .map(TransactionListing::transactionalId)
          .filter(id -> id.startsWith(job))
          .toList();
    }
  }

  private static JsonNode member(ConsumerRecord<byte[], byte[]> record, String name)
      throws Exception {
    return MAPPER.readTree(record.value()).path(name);
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
