package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records whose value is null. */
@Timeout(120)
class TombstoneITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final Map<String, String> COMPACT = Map.of("cleanup.policy", "compact");
  private static final Header TRACE = new RecordHeader("trace", bytes("kept"));

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
  void byDefaultTheyAreDeadLetters() throws Exception {
    run("default", Map.of());

    assertThat(topics.committed(scored("default")))
        .extracting(TestTopics::key)
        .containsExactly("a", "b", "a");
    assertThat(topics.committed(dead("default")))
        .hasSize(2)
        .allSatisfy(
            letter ->
                assertThat(TestTopics.headers(letter))
                    .containsEntry("cross-encoder.reason", "null_value"));
  }

  @Test
  void forwardedTheyKeepKeyHeadersTimeAndOrder() throws Exception {
    run("forward", Map.of("input.tombstones", "forward"));

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("forward"));
    assertThat(results).extracting(TestTopics::key).containsExactly("a", "a", "b", "a");
    ConsumerRecord<byte[], byte[]> tombstone = results.get(1);
    assertThat(tombstone.value()).isNull();
    assertThat(tombstone.headers()).containsExactly(TRACE);
    assertThat(tombstone.timestamp()).isEqualTo(77);
    assertThat(results).filteredOn(result -> result.value() == null).hasSize(1);
    assertThat(topics.committed(dead("forward")))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(TestTopics.headers(letter))
                    .containsEntry("cross-encoder.reason", "missing_key")
                    .containsEntry("cross-encoder.offset", "2"));
  }

  @Test
  @Tag("full")
  void droppedTheyAreNowhere() throws Exception {
    run("drop", Map.of("input.tombstones", "drop"));

    assertThat(topics.committed(scored("drop")))
        .extracting(TestTopics::key)
        .containsExactly("a", "b", "a");
    assertThat(topics.committed(dead("drop"))).isEmpty();
  }

  @Test
  @Tag("full")
  void oneThatIsSkippedIsADeadLetterAllTheSame() throws Exception {
    run("skipped", Map.of("input.tombstones", "drop", "skip", "0:1"));

    assertThat(topics.committed(dead("skipped")))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(TestTopics.headers(letter))
                    .containsEntry("cross-encoder.reason", "skipped"));
  }

  /** A result, its tombstone, one without a key, and two results, to a compacted topic. */
  private static void run(String name, Map<String, String> options) throws Exception {
    topics.create(name, 1, Map.of());
    topics.create(scored(name), 1, COMPACT);
    topics.create(dead(name), 1, Map.of());
    topics.send(
        List.of(
            TestTopics.record(name, "a", TestRecords.value(1)),
            new ProducerRecord<>(name, 0, 77L, bytes("a"), null, List.of(TRACE)),
            new ProducerRecord<>(name, 0, 77L, null, null, List.of(TRACE)),
            TestTopics.record(name, "b", TestRecords.value(2)),
            TestTopics.record(name, "a", TestRecords.value(3))));
    jobs.runToEnd(name, options);
  }
}
