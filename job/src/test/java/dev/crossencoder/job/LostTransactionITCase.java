package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A transaction that was aborted under the job ends it, and the operator decides how it goes on.
 */
@Timeout(120)
@Tag("full")
class LostTransactionITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int RESTARTS = 1000;

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

  @Test
  void theJobEndsAndGoesOnFromItsCheckpointWhenTold(@InjectMiniCluster MiniCluster flink)
      throws Exception {
    jobs.createTopics("lost", 1);
    topics.send(TestRecords.good("lost", 0, 20));
    Map<String, String> options =
        Map.of("checkpoint.interval", TestJobs.RARELY, "parallelism", "1");
    JobClient job = jobs.start(environment(), "lost", options);
    await().atMost(DEADLINE).until(() -> topics.written(scored("lost")).size() == 20);
    abortOpenTransaction();

    String checkpoint = flink.triggerCheckpoint(job.getJobID()).get(30, TimeUnit.SECONDS);

    assertThatItEndsSayingWhy(job);
    assertThatItEndsSayingWhy(jobs.start(from(checkpoint), "lost", options));
    assertThat(topics.countsByKey(scored("lost"), dead("lost"))).isEmpty();

    JobClient resumed =
        jobs.start(
            from(checkpoint),
            "lost",
            Map.of(
                "checkpoint.interval",
                "200ms",
                "parallelism",
                "1",
                "transaction.lost",
                "continue"));
    topics.send(TestRecords.good("lost", 20, 30));
    topics.awaitCommitted(10, scored("lost"));
    resumed.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("lost"), dead("lost")))
        .containsOnlyKeys(ids(20, 30))
        .allSatisfy((key, count) -> assertThat(count).isOne());
  }

  private static String[] ids(int from, int until) {
    return TestRecords.good("", from, until).stream()
        .map(record -> new String(record.key(), StandardCharsets.UTF_8))
        .toArray(String[]::new);
  }

  private static void assertThatItEndsSayingWhy(JobClient job) {
    assertThatThrownBy(() -> job.getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .hasStackTraceContaining("The failure is not recoverable")
        .hasStackTraceContaining("Cannot commit transaction lost-results-0-")
        .hasStackTraceContaining("Kafka has aborted it")
        .hasStackTraceContaining("transaction.longest-outage")
        .hasStackTraceContaining("--transaction-lost continue");
  }

  /** Ends the open transaction of the results as the broker does after the timeout. */
  private static void abortOpenTransaction() throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    try (Admin admin = Admin.create(properties)) {
      String id =
          admin.listTransactions().all().get(30, TimeUnit.SECONDS).stream()
              .filter(listing -> listing.state() == TransactionState.ONGOING)
              .map(TransactionListing::transactionalId)
              .filter(open -> open.startsWith("lost-results-"))
              .findAny()
              .orElseThrow();
      TransactionDescription open =
          admin.describeTransactions(List.of(id)).description(id).get(30, TimeUnit.SECONDS);
      try (FlinkKafkaInternalProducer<byte[], byte[]> producer =
          new FlinkKafkaInternalProducer<>(properties, id)) {
        producer.resumeTransaction(open.producerId(), (short) open.producerEpoch());
        producer.abortTransaction();
      }
    }
  }

  private static StreamExecutionEnvironment environment() {
    StreamExecutionEnvironment environment = TestJobs.environment(RESTARTS);
    Configuration retained = new Configuration();
    retained.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        folder.resolve("checkpoints").toUri().toString());
    retained.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    environment.configure(retained);
    return environment;
  }

  private static StreamExecutionEnvironment from(String checkpoint) {
    StreamExecutionEnvironment environment = environment();
    Configuration restored = new Configuration();
    restored.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint);
    environment.configure(restored);
    return environment;
  }
}
