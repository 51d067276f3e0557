package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a job goes on at a position that is no longer in the topic. */
@Timeout(120)
class PositionsITCase {
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(REPORTER.addToConfiguration(new Configuration()))
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int RESTARTS = 1_000;
  private static final Map<String, String> GO_ON = Map.of("input.out-of-range", "earliest");

  /** Few records at a time, so that most are still to be read when they are deleted. */
  private static final Map<String, String> SLOW =
      Map.of(
          "parallelism", "1",
          "cross-encoder.capacity", "16",
          "cross-encoder.batch.max-pairs", "8",
          "properties.max.poll.records", "10",
          "properties.max.partition.fetch.bytes", "1000");

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

  @ParameterizedTest
  @ValueSource(strings = {"committed", "earliest", "latest", "2026-01-31T00:00:00Z"})
  @Tag("full")
  void whatWasDeletedBeforeAResumeEndsTheJobOrIsCounted(String from) throws Exception {
    String name = "deleted-" + from.substring(0, 4);
    Map<String, String> options = Map.of("from", from);
    jobs.createTopics(name, 1);
    topics.send(TestRecords.good(name, 0, 20));
    String savepoint = stopAt(20, name, options);
    topics.send(TestRecords.good(name, 20, 60));
    topics.deleteRecords(name, 0, 30);

    assertThatJob(savepoint, name, options)
        .hasStackTraceContaining(
            "Cannot continue at offset 20 of partition %s-0, Kafka has deleted records there: it has the offsets from 30 to 60, so up to 10 records were not read and are lost. To continue at offset 30 without them, set --input-out-of-range earliest."
                .formatted(name));

    JobClient job = jobs.start(TestJobs.from(savepoint), name, plus(options, GO_ON));
    int read = from.equals("latest") ? 0 : 20;
    topics.awaitCommitted(read + 30, scored(name));
    assertThat(skipped(job)).isEqualTo(10);
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored(name)))
        .isEqualTo(once(IntStream.concat(IntStream.range(0, read), IntStream.range(30, 60))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "earliest"})
  @Tag("full")
  void aTopicThatWasMadeAnewEndsTheJob(String outOfRange) throws Exception {
    String name = "anew-" + outOfRange;
    Map<String, String> options = Map.of("input.out-of-range", outOfRange);
    jobs.createTopics(name, 2);
    topics.send(List.of(record(name, 0, 0), record(name, 1, 1), record(name, 1, 2)));
    String savepoint = stopAfter(3, name, options);
    topics.delete(name);
    topics.create(name, 2, Map.of());
    topics.send(List.of(record(name, 0, 3), record(name, 1, 4)));

    String sentence =
        "Cannot continue at offset 2 of partition %s-1, which is beyond its end. It has the offsets from 0 to 1. The topic was recreated"
            .formatted(name);
    assertThatJob(savepoint, name, options).hasStackTraceContaining(sentence);
    assertThatJob(savepoint, name, plus(options, Map.of("until", "latest")))
        .hasStackTraceContaining(sentence);
  }

  @Test
  void aTopicThatWasMadeAnewWithFewerPartitionsEndsTheJob() throws Exception {
    jobs.createTopics("fewer", 2);
    topics.send(List.of(record("fewer", 0, 0), record("fewer", 1, 1)));
    String savepoint = stopAfter(2, "fewer", Map.of());
    topics.delete("fewer");
    topics.create("fewer", 1, Map.of());
    topics.send(TestRecords.good("fewer", 2, 10));

    assertThatJob(savepoint, "fewer", Map.of())
        .hasStackTraceContaining(
            "Cannot continue at offset 1 of partition fewer-1, which is beyond its end. The topic has no such partition.");
  }

  @Test
  @Tag("full")
  void theStateOfAnotherTopicIsRefused() throws Exception {
    jobs.createTopics("this", 1);
    jobs.createTopics("that", 1);
    topics.send(TestRecords.good("this", 0, 5));
    String savepoint = stopAt(5, "this", Map.of());

    assertThatJob(savepoint, "that", Map.of())
        .hasStackTraceContaining(
            "Cannot continue from a checkpoint or savepoint of topic this with --input-topic that.");
  }

  @Test
  void whatIsDeletedUnderARunningJobEndsItAndItsCheckpointIsLeft() throws Exception {
    jobs.createTopics("under", 1);
    topics.send(TestRecords.good("under", 0, 8_000));
    Path checkpoints = folder.resolve("checkpoints");
    StreamExecutionEnvironment environment = TestJobs.environment(RESTARTS);
    environment.configure(
        Configuration.fromMap(
            Map.of("execution.checkpointing.dir", checkpoints.toUri().toString())));
    JobClient job = jobs.start(environment, "under", SLOW);
    topics.awaitCommitted(50, scored("under"));

    topics.deleteRecords("under", 0, 7_900);

    assertThatThrownBy(() -> job.getJobExecutionResult().get(60, TimeUnit.SECONDS))
        .hasStackTraceContaining(
            "of partition under-0, Kafka has deleted records there: it has the offsets from 7900 to 8000,");
    String last = lastCheckpoint(checkpoints.resolve(job.getJobID().toHexString()));
    goOnToTheEnd(jobs.start(TestJobs.from(last), "under", plus(SLOW, GO_ON)), "under");
  }

  @Test
  void whatIsDeletedUnderARunningJobIsCounted() throws Exception {
    jobs.createTopics("counted", 1);
    topics.send(TestRecords.good("counted", 0, 8_000));
    JobClient job = jobs.start("counted", plus(SLOW, GO_ON));
    topics.awaitCommitted(50, scored("counted"));

    topics.deleteRecords("counted", 0, 7_900);

    goOnToTheEnd(job, "counted");
  }

  /** All but what was skipped has a result. */
  private static void goOnToTheEnd(JobClient job, String name) throws Exception {
    await().atMost(DEADLINE).until(() -> topics.countsByKey(scored(name)).containsKey("7999"));
    int skipped = (int) skipped(job);
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(skipped).isBetween(1, 7_850);
    assertThat(topics.countsByKey(scored(name)))
        .isEqualTo(
            once(
                IntStream.concat(
                    IntStream.range(0, 7_900 - skipped), IntStream.range(7_900, 8_000))));
  }

  private static String lastCheckpoint(Path folder) throws IOException {
    try (Stream<Path> checkpoints = Files.list(folder)) {
      return checkpoints
          .filter(checkpoint -> Files.exists(checkpoint.resolve("_metadata")))
          .max(
              Comparator.comparing(
                  checkpoint ->
                      Integer.valueOf(checkpoint.getFileName().toString().replace("chk-", ""))))
          .orElseThrow()
          .toUri()
          .toString();
    }
  }

  @Test
  void offsetsOfTheGroupThatWereDeletedEndAFirstStart() throws Exception {
    jobs.createTopics("group", 1);
    topics.send(TestRecords.good("group", 0, 20));
    topics.deleteRecords("group", 0, 10);
    commit("group", 4);

    assertThatJob(null, "group", Map.of())
        .hasStackTraceContaining(
            "Cannot continue at offset 4 of partition group-0, Kafka has deleted records there: it has the offsets from 10 to 20");
    jobs.runToEnd("group", GO_ON);
    assertThat(topics.countsByKey(scored("group"))).isEqualTo(once(IntStream.range(10, 20)));
  }

  @Test
  void offsetsOfTheGroupBeyondTheEndEndAFirstStart() throws Exception {
    jobs.createTopics("group-beyond", 1);
    topics.send(TestRecords.good("group-beyond", 0, 20));
    commit("group-beyond", 21);

    assertThatJob(null, "group-beyond", GO_ON)
        .hasStackTraceContaining("Cannot continue at offset 21 of partition group-beyond-0");
  }

  @Test
  @Tag("full")
  void aPartitionOfWhichNothingWasReadHasAPosition() throws Exception {
    jobs.createTopics("unread", 2);
    topics.send(List.of(record("unread", 0, 0)));
    String savepoint = stopAt(1, "unread", Map.of("from", "earliest"));
    for (int id = 1; id < 20; id++) {
      topics.send(List.of(record("unread", 1, id)));
    }
    topics.deleteRecords("unread", 1, 5);

    assertThatJob(savepoint, "unread", Map.of("from", "earliest"))
        .hasStackTraceContaining("Cannot continue at offset 0 of partition unread-1");
  }

  @Test
  @Tag("full")
  void whatWasDeletedOfAPartitionBeforeItWasFoundEndsTheJob() throws Exception {
    jobs.createTopics("found", 1);
    topics.send(TestRecords.good("found", 0, 5));
    String savepoint = stopAt(5, "found", Map.of());
    try (Admin admin = admin()) {
      admin.createPartitions(Map.of("found", NewPartitions.increaseTo(2))).all().get();
    }
    for (int id = 5; id < 25; id++) {
      int number = id;
      await()
          .ignoreExceptions()
          .untilAsserted(() -> topics.send(List.of(record("found", 1, number))));
    }
    topics.deleteRecords("found", 1, 3);

    assertThatJob(savepoint, "found", Map.of())
        .hasStackTraceContaining("Cannot continue at offset 0 of partition found-1");
    JobClient job = jobs.start(TestJobs.from(savepoint), "found", GO_ON);
    topics.awaitCommitted(22, scored("found"));
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("found")))
        .isEqualTo(once(IntStream.concat(IntStream.range(0, 5), IntStream.range(8, 25))));
  }

  @Test
  @Tag("full")
  void offsetsWithoutARecordAreNotMissed() throws Exception {
    jobs.createTopics("gaps", 1);
    sendInTransactions("gaps", 0, 10);
    String savepoint = stopAt(10, "gaps", Map.of());
    sendInTransactions("gaps", 10, 20);

    JobClient job = jobs.start(TestJobs.from(savepoint), "gaps", Map.of());

    topics.awaitCommitted(20, scored("gaps"));
    assertThat(skipped(job)).isZero();
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("gaps"))).isEqualTo(once(IntStream.range(0, 20)));
  }

  /** A job that may restart often, and must end with the reason all the same. */
  private static AbstractThrowableAssert<?, ? extends Throwable> assertThatJob(
      String savepoint, String name, Map<String, String> options) throws Exception {
    JobClient job = jobs.start(TestJobs.from(savepoint, RESTARTS), name, options);
    return assertThatThrownBy(() -> job.getJobExecutionResult().get(60, TimeUnit.SECONDS));
  }

  /** Stops a job when it has committed its offset, and returns where its savepoint is. */
  private static String stopAt(long offset, String name, Map<String, String> options)
      throws Exception {
    JobClient job = jobs.start(name, options);
    await().atMost(DEADLINE).until(() -> committed(name) >= offset);
    return jobs.stopWithSavepoint(job, folder);
  }

  private static String stopAfter(int results, String name, Map<String, String> options)
      throws Exception {
    JobClient job = jobs.start(name, options);
    topics.awaitCommitted(results, scored(name));
    return jobs.stopWithSavepoint(job, folder);
  }

  /** The group's offset in the first partition. */
  private static long committed(String name) throws Exception {
    try (Admin admin = admin()) {
      OffsetAndMetadata committed =
          admin
              .listConsumerGroupOffsets(name)
              .partitionsToOffsetAndMetadata()
              .get(30, TimeUnit.SECONDS)
              .get(new TopicPartition(name, 0));
      return committed == null ? -1 : committed.offset();
    }
  }

  private static void commit(String name, long offset) throws Exception {
    try (Admin admin = admin()) {
      admin
          .alterConsumerGroupOffsets(
              name, Map.of(new TopicPartition(name, 0), new OffsetAndMetadata(offset)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static void sendInTransactions(String topic, int from, int until) throws Exception {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", topic + from);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      for (ProducerRecord<byte[], byte[]> record : TestRecords.good(topic, from, until)) {
        producer.beginTransaction();
        Future<?> sent = producer.send(record);
        sent.get(30, TimeUnit.SECONDS);
        producer.commitTransaction();
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition, int id) {
    return new ProducerRecord<>(
        topic, partition, TestTopics.bytes(String.valueOf(id)), TestRecords.value(id));
  }

  /** The sum of the metric over a job's subtasks. */
  private static long skipped(JobClient job) {
    return REPORTER.findMetrics(job.getJobID(), "offsetsSkipped").values().stream()
        .mapToLong(metric -> ((Counter) metric).getCount())
        .sum();
  }

  private static Map<String, String> plus(Map<String, String> options, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(options);
    all.putAll(more);
    return all;
  }

  private static Map<String, Integer> once(IntStream ids) {
    return new TreeMap<>(ids.boxed().collect(Collectors.toMap(String::valueOf, id -> 1)));
  }
}
