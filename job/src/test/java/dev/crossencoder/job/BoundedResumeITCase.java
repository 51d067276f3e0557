package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.operator.InvalidOptionException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a run that is resumed reads what its options say, and ends where they say. */
@Timeout(120)
class BoundedResumeITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String PAST = "2026-01-31T00:00:00Z";

  /** Timestamps of the records that are sent before and after that time. */
  private static final long BEFORE = 1_700_000_000_000L;

  private static final long AFTER = 1_790_000_000_000L;

  /** So slow that a partition with many records is not at its end soon. */
  private static final Map<String, String> SLOW =
      Map.of("cross-encoder.capacity", "16", "cross-encoder.batch.max-pairs", "8");

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

  /** Records 0 to 9 are read before the savepoint, 10 to 19 are sent after it. */
  @ParameterizedTest
  @CsvSource({
    "committed, latest, 20",
    "earliest, latest, 20",
    "latest, latest, 20",
    PAST + ", latest, 20",
    "committed, committed, 10",
    "earliest, committed, 10",
    "committed, " + PAST + ", 15",
    "earliest, " + PAST + ", 15",
  })
  @Tag("full")
  void aRunWithAnEndEndsThereWhenItIsResumed(String from, String until, int read) throws Exception {
    String name = "resume-%s-%s".formatted(from.substring(0, 4), until.substring(0, 4));
    createTopics(name, 4);
    topics.send(records(name, 0, 10, 3, BEFORE));
    String savepoint =
        stopAfter(10, name, Map.of("from", "earliest"), List.of(from, until).contains("committed"));
    topics.send(records(name, 10, 15, 3, BEFORE));
    topics.send(records(name, 15, 20, 3, AFTER));

    run(TestJobs.from(savepoint), name, Map.of("from", from, "until", until));

    assertThat(topics.countsByKey(scored(name))).isEqualTo(once(read));
  }

  @ParameterizedTest
  @CsvSource({"latest", "committed", PAST})
  @Tag("full")
  void aRunThatIsResumedBeyondItsEndEndsAtOnce(String until) throws Exception {
    String name = "beyond-" + until.substring(0, 4);
    createTopics(name, 2);
    topics.send(records(name, 0, 10, 2, AFTER));
    String savepoint = stopAfter(10, name, Map.of(), until.equals("committed"));

    run(TestJobs.from(savepoint), name, Map.of("until", until));

    assertThat(topics.countsByKey(scored(name))).isEqualTo(once(10));
  }

  @Test
  @Tag("full")
  void runsInARowThatStartFromTheCommittedOffsetsScoreEachRecordOnce() throws Exception {
    String name = "row";
    createTopics(name, 2);

    for (int id = 0; id < 100; id += 20) {
      topics.send(records(name, id, id + 20, 2, BEFORE));
      run(TestJobs.environment(10), name, Map.of("from", "committed", "until", "latest"));
    }

    assertThat(topics.countsByKey(scored(name))).isEqualTo(once(100));
  }

  /** The topic is idle: no fetch ends that the connector would commit after. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJobThatASavepointStopsLeavesItsPositionsToTheGroup(boolean drain) throws Exception {
    String name = "stopped-" + drain;
    createTopics(name, 2);
    topics.send(records(name, 0, 20, 2, BEFORE));
    JobClient job = jobs.start(name, Map.of("from", "committed"));
    topics.awaitCommitted(20, scored(name));

    job.stopWithSavepoint(
            drain, folder.resolve("savepoints").toUri().toString(), SavepointFormatType.CANONICAL)
        .get(60, TimeUnit.SECONDS);
    job.getJobExecutionResult().get(60, TimeUnit.SECONDS);

    topics.send(records(name, 20, 40, 2, BEFORE));
    run(TestJobs.environment(10), name, Map.of("from", "committed", "until", "latest"));
    assertThat(topics.countsByKey(scored(name))).isEqualTo(once(40));
  }

  /** Partition 0 is at its end, and its task finished, when the savepoint is taken. */
  @ParameterizedTest
  @CsvSource({"never", "latest"})
  @Tag("full")
  void partitionsThatAnotherRunHadFinishedAreReadOn(String until) throws Exception {
    String name = "finished-" + until;
    createTopics(name, 2);
    topics.send(records(name, 0, 5, 1, BEFORE));
    List<ProducerRecord<byte[], byte[]>> many = new ArrayList<>();
    for (int id = 5; id < 4_000; id++) {
      many.add(record(name, 1, id, BEFORE));
    }
    topics.send(many);
    Map<String, String> options = new HashMap<>(SLOW);
    options.put("until", "latest");
    JobClient bounded = jobs.start(name, options);
    await().atMost(DEADLINE).until(() -> topics.countsByKey(scored(name)).size() > 100);
    String savepoint =
        bounded
            .triggerSavepoint(
                folder.resolve("savepoints").toUri().toString(), SavepointFormatType.NATIVE)
            .get(60, TimeUnit.SECONDS);
    bounded.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored(name))).hasSizeLessThan(4_000);
    topics.send(records(name, 4_000, 4_010, 1, BEFORE));

    JobClient job = jobs.start(TestJobs.from(savepoint), name, Map.of("until", until));
    topics.awaitCommitted(4_010, scored(name));
    if (until.equals("never")) {
      topics.send(records(name, 4_010, 4_020, 2, BEFORE));
      topics.awaitCommitted(4_020, scored(name));
      job.cancel().get(30, TimeUnit.SECONDS);
    } else {
      job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
    }

    assertThat(topics.countsByKey(scored(name)))
        .isEqualTo(once(until.equals("never") ? 4_020 : 4_010));
  }

  @Test
  @Tag("full")
  void aRunWithAnEndEndsThereAfterItsCoordinatorsRestart(@InjectMiniCluster MiniCluster flink)
      throws Exception {
    createTopics("restarted", 2);
    topics.send(records("restarted", 0, 3_000, 2, BEFORE));
    StreamExecutionEnvironment environment = TestJobs.environment(10);
    Map<String, String> options = new HashMap<>(SLOW);
    options.put("until", "latest");
    options.put("distribution", "rebalance");
    JobClient job = jobs.start(environment, "restarted", options);
    await().atMost(DEADLINE).until(() -> topics.countsByKey(scored("restarted")).size() > 100);
    topics.send(records("restarted", 3_000, 3_010, 2, BEFORE));
    JobID id = job.getJobID();

    flink.terminateTaskManager(0).get(30, TimeUnit.SECONDS);
    flink.startTaskManager();

    flink
        .requestJobResult(id)
        .get(100, TimeUnit.SECONDS)
        .toJobExecutionResult(getClass().getClassLoader());
    assertThat(topics.countsByKey(scored("restarted"))).isEqualTo(once(3_000));
  }

  @Test
  void aRunThatIsToEndAtOffsetsThatNobodyCommittedIsRefused() throws Exception {
    createTopics("uncommitted", 2);

    assertThatThrownBy(() -> jobs.start("uncommitted", Map.of("until", "committed")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid until: committed. The consumer group uncommitted has committed no offset of topic uncommitted. Name another group with --consumer-group, or choose 'latest' or a time.");
  }

  @Test
  @Tag("full")
  void aResumedRunWhoseEndCannotBeLookedUpIsRefused() {
    assertThatThrownBy(
            () ->
                jobs.start(
                    TestJobs.from(folder.resolve("savepoint").toUri().toString()),
                    "unreachable",
                    Map.of("until", "latest", "bootstrap-servers", "localhost:1")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith(
            "Invalid until: latest. The offsets at which to stop could not be read")
        .hasMessageEndingWith("Submit it where the brokers can be reached.");
  }

  /** Topics that keep old records. */
  private static void createTopics(String name, int partitions) throws Exception {
    for (String topic : List.of(name, scored(name), dead(name))) {
      topics.create(topic, partitions, Map.of("retention.ms", "-1"));
    }
  }

  private static void run(
      StreamExecutionEnvironment environment, String name, Map<String, String> options)
      throws Exception {
    jobs.start(environment, name, options).getJobExecutionResult().get(60, TimeUnit.SECONDS);
  }

  /**
   * Stops a job with a savepoint.
   *
   * @param committed whether the consumer group must have committed the results' offsets before,
   *     which takes the connector up to ten seconds if nothing follows
   */
  private static String stopAfter(
      int results, String name, Map<String, String> options, boolean committed) throws Exception {
    JobClient job = jobs.start(name, options);
    topics.awaitCommitted(results, scored(name));
    if (committed) {
      await().atMost(DEADLINE).until(() -> groupHasRead(name) >= results);
    }
    return jobs.stopWithSavepoint(job, folder);
  }

  /** The sum of the group's offsets. */
  private static long groupHasRead(String name) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listConsumerGroupOffsets(name)
          .partitionsToOffsetAndMetadata()
          .get(30, TimeUnit.SECONDS)
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    }
  }

  /** Records for the first partitions of a topic in turn. */
  private static List<ProducerRecord<byte[], byte[]>> records(
      String topic, int from, int until, int partitions, long timestamp) {
    return IntStream.range(from, until)
        .mapToObj(id -> record(topic, id % partitions, id, timestamp))
        .toList();
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, int partition, int id, long timestamp) {
    return new ProducerRecord<>(
        topic, partition, timestamp, TestTopics.bytes(String.valueOf(id)), TestRecords.value(id));
  }

  private static Map<String, Integer> once(int until) {
    return new TreeMap<>(
        IntStream.range(0, until).boxed().collect(Collectors.toMap(String::valueOf, id -> 1)));
  }
}
