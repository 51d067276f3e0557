package dev.crossencoder.job.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.options.JobConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSettingsTest {
  @ParameterizedTest
  @ValueSource(strings = {"BATCH", "AUTOMATIC", "STREAMING"})
  void theJobIsNeverABatch(String mode) {
    Configuration job = configure(Map.of("execution.runtime-mode", mode), Map.of());

    assertThat(job.get(ExecutionOptions.RUNTIME_MODE)).isEqualTo(RuntimeExecutionMode.STREAMING);
  }

  @Test
  void exactlyOnceIsNotUndoneByCheckpointsThatAreNot() {
    Map<String, String> cluster = Map.of("execution.checkpointing.mode", "AT_LEAST_ONCE");

    assertThat(mode(configure(cluster, Map.of()))).isEqualTo(CheckpointingMode.EXACTLY_ONCE);
    assertThat(mode(configure(cluster, Map.of("delivery", "at-least-once"))))
        .isEqualTo(CheckpointingMode.AT_LEAST_ONCE);
  }

  @Test
  void whatWouldLoseRecordsOrStateIsOverruled() {
    Configuration job =
        configure(
            Map.of(
                "execution.checkpointing.checkpoints-after-tasks-finish", "false",
                "execution.state-recovery.approximate-local-recovery", "true",
                "pipeline.force-kryo", "true",
                "pipeline.force-avro", "true",
                "pipeline.generic-types", "true",
                "pipeline.auto-generate-uids", "true",
                "pipeline.object-reuse", "false"),
            Map.of());

    assertThat(job.get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH)).isTrue();
    assertThat(job.get(StateRecoveryOptions.APPROXIMATE_LOCAL_RECOVERY)).isFalse();
    assertThat(job.get(PipelineOptions.FORCE_KRYO)).isFalse();
    assertThat(job.get(PipelineOptions.FORCE_AVRO)).isFalse();
    assertThat(job.get(PipelineOptions.GENERIC_TYPES)).isFalse();
    assertThat(job.get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();
    assertThat(job.get(PipelineOptions.OBJECT_REUSE)).isTrue();
  }

  @Test
  void aJobThatEndsKeepsItsLastCheckpointUnlessToldOtherwise() {
    assertThat(retention(configure(Map.of(), Map.of())))
        .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    String key = CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION.key();
    for (ExternalizedCheckpointRetention chosen : ExternalizedCheckpointRetention.values()) {
      assertThat(retention(configure(Map.of(key, chosen.name()), Map.of()))).isEqualTo(chosen);
    }
  }

  @ParameterizedTest
  @CsvSource({"10 min, 5 min", "60 min, 10 min", "30 s, 1 min"})
  void twoCheckpointsThatTakeTheirTimeFitIntoATransaction(String outage, String timeout) {
    Configuration job = configure(Map.of(), Map.of("transaction.longest-outage", outage));

    assertThat(job.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT))
        .isEqualTo(TimeUtils.parseDuration(timeout));
  }

  @Test
  void recordsBetweenTasksWaitForFiveMillisecondsAtMost() {
    assertThat(configure(Map.of(), Map.of()).get(ExecutionOptions.BUFFER_TIMEOUT))
        .isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void timesThatAreConfiguredStay() {
    Configuration job =
        configure(
            Map.of(
                "execution.checkpointing.timeout", "9 min",
                "execution.buffer-timeout.interval", "70 ms"),
            Map.of());

    assertThat(job.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT))
        .isEqualTo(Duration.ofMinutes(9));
    assertThat(job.get(ExecutionOptions.BUFFER_TIMEOUT)).isEqualTo(Duration.ofMillis(70));
  }

  private static CheckpointingMode mode(Configuration job) {
    return job.get(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE);
  }

  private static ExternalizedCheckpointRetention retention(Configuration job) {
    return job.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION);
  }

  /** What Flink has after the job has been configured. */
  private static Configuration configure(Map<String, String> cluster, Map<String, String> options) {
    Map<String, String> all = new HashMap<>(options);
    all.put("bootstrap-servers", "localhost:9092");
    all.put("input.topic", "pairs");
    all.put("output.topic", "scored");
    all.put("checkpoint.interval", "10s");
    all.put("cross-encoder.model", "demo-qa");
    StreamExecutionEnvironment environment =
        new StreamExecutionEnvironment(Configuration.fromMap(cluster));
    JobPipeline.configure(environment, JobConfig.from(Configuration.fromMap(all)));
    return new Configuration((Configuration) environment.getConfiguration());
  }
}
