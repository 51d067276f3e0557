package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
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

/**
 * Whether results still come once, whatever a cluster sets. The scheduler here is the adaptive one,
 * in all other tests the default.
 */
@Timeout(120)
class ClusterSettingsITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(Configuration.fromMap(Map.of("jobmanager.scheduler", "Adaptive")))
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

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
  @CsvSource({
    "execution.runtime-mode, BATCH",
    "execution.runtime-mode, AUTOMATIC",
    "execution.checkpointing.mode, AT_LEAST_ONCE",
    "execution.checkpointing.checkpoints-after-tasks-finish, false",
    "execution.checkpointing.unaligned.enabled, true",
    "execution.checkpointing.max-concurrent-checkpoints, 3",
    "execution.checkpointing.tolerable-failed-checkpoints, 5",
    "execution.checkpointing.externalized-checkpoint-retention, NO_EXTERNALIZED_CHECKPOINTS",
    "execution.state-recovery.approximate-local-recovery, true",
    "execution.batch.speculative.enabled, true",
    "execution.buffer-timeout.enabled, false",
    "pipeline.auto-watermark-interval, 0",
    "pipeline.force-kryo, true",
    "pipeline.object-reuse, false",
    "pipeline.operator-chaining.enabled, false",
  })
  @Tag("full")
  void aRunWithAnEndCommitsEverythingOnce(String key, String value) throws Exception {
    String name = (key + "-" + value).replaceAll("[^a-zA-Z]", "-");
    jobs.createTopics(name, 2);
    topics.send(TestRecords.mixed(name, 0, 60));
    StreamExecutionEnvironment environment = with(TestJobs.environment(), key, value);

    jobs.start(environment, name, Map.of("until", "latest", "distribution", "rebalance"))
        .getJobExecutionResult()
        .get(60, TimeUnit.SECONDS);

    assertThat(topics.countsByKey(scored(name), dead(name)))
        .hasSize(60)
        .allSatisfy((id, count) -> assertThat(count).isOne());
  }

  @ParameterizedTest
  @ValueSource(strings = {"BATCH", "AUTOMATIC"})
  void aJobWithoutAnEndRunsAndCommitsWithEveryCheckpoint(String mode) throws Exception {
    String name = "endless-" + mode;
    jobs.createTopics(name, 1);
    topics.send(TestRecords.good(name, 0, 10));

    JobClient job =
        jobs.start(with(TestJobs.environment(), "execution.runtime-mode", mode), name, Map.of());

    topics.awaitCommitted(10, scored(name));
    topics.send(TestRecords.good(name, 10, 20));
    topics.awaitCommitted(20, scored(name));
    job.cancel().get(30, TimeUnit.SECONDS);
  }

  @Test
  @Tag("full")
  void theAdaptiveSchedulerRestartsTheJobWithoutLoss(@InjectMiniCluster MiniCluster flink)
      throws Exception {
    jobs.createTopics("adaptive", 2);
    topics.send(TestRecords.good("adaptive", 0, 1_000));
    JobClient job = jobs.start(TestJobs.environment(10), "adaptive", Map.of());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !topics.committed(scored("adaptive")).isEmpty());

    flink.terminateTaskManager(0).get(30, TimeUnit.SECONDS);
    flink.startTaskManager();
    topics.send(TestRecords.good("adaptive", 1_000, 1_100));

    topics.awaitCommitted(1_100, scored("adaptive"));
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("adaptive")))
        .hasSize(1_100)
        .allSatisfy((id, count) -> assertThat(count).isOne());
  }

  @Test
  @Tag("full")
  void anotherMaximumOfParallelismIsRefusedByFlinkAndNoneIsFine() throws Exception {
    String key = "pipeline.max-parallelism";
    jobs.createTopics("maximum", 2);
    topics.send(TestRecords.good("maximum", 0, 10));
    JobClient first = jobs.start(with(TestJobs.environment(), key, "64"), "maximum", Map.of());
    topics.awaitCommitted(10, scored("maximum"));
    String savepoint = jobs.stopWithSavepoint(first, folder);
    topics.send(TestRecords.good("maximum", 10, 20));

    assertThatThrownBy(
            () ->
                jobs.start(with(TestJobs.from(savepoint), key, "32"), "maximum", Map.of())
                    .getJobExecutionResult()
                    .get(60, TimeUnit.SECONDS))
        .hasStackTraceContaining("Max parallelism mismatch between checkpoint/savepoint state")
        .hasStackTraceContaining("max parallelism 64 to new program with max parallelism 32");
    JobClient second = jobs.start(TestJobs.from(savepoint), "maximum", Map.of());
    topics.awaitCommitted(20, scored("maximum"));
    second.cancel().get(30, TimeUnit.SECONDS);

    assertThat(topics.countsByKey(scored("maximum"))).hasSize(20);
  }

  private static StreamExecutionEnvironment with(
      StreamExecutionEnvironment environment, String key, String value) {
    environment.configure(Configuration.fromMap(Map.of(key, value)));
    return environment;
  }
}
