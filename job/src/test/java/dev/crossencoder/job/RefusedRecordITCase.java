package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when a topic's settings change while the job runs, and it refuses a record then. */
@Timeout(180)
class RefusedRecordITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final int RECORDS = 60;
  private static final int GUILTY = 41;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** So that all results are in one batch. */
  private static final Map<String, String> ONE_BATCH =
      Map.of(
          "properties.linger.ms", "1500",
          "properties.batch.size", "500000",
          "checkpoint.interval", "3s",
          "parallelism", "1");

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  /** A change, a record that it makes the topic refuse, and the broker's words. */
  private enum Change {
    KEY("cleanup.policy", "compact", "missing_key", "Compacted topic cannot accept message"),
    TIMESTAMP(
        "message.timestamp.before.max.ms", "86400000", "invalid_timestamp", "Timestamp 12345 of"),
    SIZE("max.message.bytes", "2000", "oversized_result", "The request included a message larger");

    private final String setting;
    private final String value;
    private final String code;
    private final String reason;

    Change(String setting, String value, String code, String reason) {
      this.setting = setting;
      this.value = value;
      this.code = code;
      this.reason = reason;
    }

    ProducerRecord<byte[], byte[]> guilty(String topic) {
      byte[] value = TestRecords.value(GUILTY);
      return switch (this) {
        case KEY -> new ProducerRecord<>(topic, 0, null, value);
        case TIMESTAMP -> new ProducerRecord<>(topic, 0, 12_345L, bytes("guilty"), value);
        case SIZE ->
            new ProducerRecord<>(
                topic,
                0,
                bytes("guilty"),
                bytes(
                    "{\"query\":\"q\",\"passage\":\"p\",\"more\":\"%s\"}"
                        .formatted("x".repeat(3_000))));
      };
    }
  }

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

  @ParameterizedTest
  @EnumSource
  @Tag("full")
  void theFailureNamesTheRecordAndTheRestartedJobPutsItOnTheDeadLetterTopic(
      Change change, @InjectMiniCluster MiniCluster flink) throws Exception {
    String name = "restarted-" + change;
    jobs.createTopics(name, 1);
    JobClient job = jobs.start(TestJobs.environment(2), name, ONE_BATCH);
    change(scored(name), change);

    topics.send(records(name, change));

    List<ConsumerRecord<byte[], byte[]>> letters = topics.awaitCommitted(1, dead(name));
    topics.awaitCommitted(RECORDS, scored(name));
    ErrorInfo failure = flink.getExecutionGraph(job.getJobID()).get().getFailureInfo();
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(failure).isNotNull();
    assertThat(failure.getExceptionAsString()).contains(sentence(name, change));
    assertThat(letters).hasSize(1);
    assertThat(TestTopics.headers(letters.get(0)))
        .containsEntry("cross-encoder.reason", change.code)
        .containsEntry("cross-encoder.offset", String.valueOf(GUILTY));
    assertThat(topics.countsByKey(scored(name)))
        .hasSize(RECORDS)
        .allSatisfy((key, count) -> assertThat(count).isOne());
  }

  @ParameterizedTest
  @EnumSource
  @Tag("full")
  void withoutTransactionsTheRecordIsNamedToo(Change change) throws Exception {
    String name = "named-" + change;
    jobs.createTopics(name, 1);
    Map<String, String> options = new HashMap<>(ONE_BATCH);
    options.put("delivery", "at-least-once");
    JobClient job = jobs.start(name, options);
    change(scored(name), change);

    topics.send(records(name, change));

    assertThatThrownBy(() -> job.getJobExecutionResult().get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .satisfies(
            thrown ->
                assertThat(ExceptionUtils.stringifyException(thrown))
                    .contains(sentence(name, change)));
  }

  @Test
  void aDeadLetterThatIsRefusedIsNamedWithWhatToDo() throws Exception {
    String name = "dead-letter";
    jobs.createTopics(name, 1);
    JobClient job = jobs.start(name, ONE_BATCH);
    change(dead(name), Change.KEY);

    topics.send(
        List.of(
            TestTopics.record(name, "key", bytes("{")),
            new ProducerRecord<>(name, 0, null, bytes("{"))));

    assertThatThrownBy(() -> job.getJobExecutionResult().get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .satisfies(
            thrown ->
                assertThat(ExceptionUtils.stringifyException(thrown))
                    .contains(
                        "Cannot write to topic dead-letter-dead, the record that was read from topic dead-letter, partition 0, offset 1, was refused: Compacted topic cannot accept message")
                    .contains(
                        "That topic must accept every dead letter: change its settings back."));
  }

  private static String sentence(String name, Change change) {
    return "Cannot write to topic %s, the record that was read from topic %s, partition 0, offset %d, was refused: %s"
        .formatted(scored(name), name, GUILTY, change.reason);
  }

  /** Good records, among them one that the changed topic refuses. */
  private static List<ProducerRecord<byte[], byte[]>> records(String topic, Change change) {
    List<ProducerRecord<byte[], byte[]>> records =
        new ArrayList<>(TestRecords.good(topic, 0, RECORDS));
    records.add(GUILTY, change.guilty(topic));
    return records;
  }

  /** Changes a setting of a topic, and returns when the broker goes by it. */
  private static void change(String name, Change change) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  topic,
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry(change.setting, change.value), OpType.SET))))
          .all()
          .get(30, TimeUnit.SECONDS);
      await()
          .atMost(DEADLINE)
          .until(
              () ->
                  admin
                      .describeConfigs(List.of(topic))
                      .all()
                      .get(10, TimeUnit.SECONDS)
                      .get(topic)
                      .get(change.setting)
                      .value()
                      .equals(change.value));
    }
  }
}
