package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.preflight.SubmissionWarnings;
import java.time.Duration;
import java.util.Set;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of Flink that the job sets itself. With other values, it would lose or repeat
 * results, not end, or not be resumable. The job overrides values of the cluster and of the command
 * line, with a warning. Settings that affect only speed or availability are not changed.
 * docs/configuration.md has the list.
 */
final class ClusterSettings {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterSettings.class);

  /**
   * The longest time that a record waits for others in a network buffer, if records are rebalanced.
   * Flink's default of 100 ms saves the sending of buffers that are almost empty. This job sends
   * few buffers, because each record takes milliseconds to score.
   */
  private static final Duration BUFFER_TIMEOUT = Duration.ofMillis(5);

  private static final Duration SHORTEST_CHECKPOINT_TIMEOUT = Duration.ofMinutes(1);

  /** Names of the restart strategy that does not restart. */
  private static final Set<String> NO_RESTART = Set.of("none", "off", "disable");

  private final ReadableConfig cluster;
  private final Configuration settings = new Configuration();

  private ClusterSettings(ReadableConfig cluster) {
    this.cluster = cluster;
  }

  /**
   * Returns the settings that the job sets.
   *
   * @param cluster the settings of the cluster and the command line
   */
  static Configuration of(ReadableConfig cluster, JobConfig config) {
    ClusterSettings job = new ClusterSettings(cluster);
    job.setAll(config);
    return job.settings;
  }

  private void setAll(JobConfig config) {
    unlessSet(ExecutionOptions.BUFFER_TIMEOUT, BUFFER_TIMEOUT);
    // A batch has no checkpoints: one transaction for the whole run, and nothing to resume from.
    overrule(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING);
    // Types of the state: with others no savepoint could be restored.
    overrule(PipelineOptions.GENERIC_TYPES, false);
    overrule(PipelineOptions.FORCE_KRYO, false);
    overrule(PipelineOptions.FORCE_AVRO, false);
    overrule(PipelineOptions.AUTO_GENERATE_UIDS, false);
    // Records are immutable, so operators in a chain may share them.
    overrule(PipelineOptions.OBJECT_REUSE, true);
    settings.set(PipelineOptions.NAME, config.jobName());
    settings.set(PipelineOptions.GLOBAL_JOB_PARAMETERS, config.publicOptions());
    Duration interval = config.delivery().checkpointInterval();
    if (interval != null) {
      settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, interval);
    }
    // The last results are committed with a checkpoint after the source has ended.
    overrule(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, true);
    // It restarts single tasks without the records that were on their way.
    overrule(StateRecoveryOptions.APPROXIMATE_LOCAL_RECOVERY, false);
    // A job that ends with a reason is resumed from its last checkpoint.
    unlessSet(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    if (config.delivery().exactlyOnce()) {
      overrule(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
      setCheckpointTimeout(config.delivery().longestOutage());
    }
    warnOfLosses();
  }

  /**
   * Sets the checkpoint timeout. A transaction is open from one checkpoint until the next one is
   * complete, and each of the two may take as long as this timeout.
   */
  private void setCheckpointTimeout(Duration longestOutage) {
    Duration longest =
        max(
            min(
                longestOutage.dividedBy(2),
                CheckpointingOptions.CHECKPOINTING_TIMEOUT.defaultValue()),
            SHORTEST_CHECKPOINT_TIMEOUT);
    unlessSet(CheckpointingOptions.CHECKPOINTING_TIMEOUT, longest);
    Duration timeout =
        cluster.getOptional(CheckpointingOptions.CHECKPOINTING_TIMEOUT).orElse(longest);
    if (timeout.compareTo(longest) > 0) {
      SubmissionWarnings.warn(
          LOG,
          "{} is {} and {} {}: Kafka may abort a transaction before a checkpoint that takes this long"
              + " commits it, and the job then ends. Set at most half of the outage.",
          CheckpointingOptions.CHECKPOINTING_TIMEOUT.key(),
          timeout,
          JobOptions.LONGEST_OUTAGE.key(),
          longestOutage);
    }
  }

  private void warnOfLosses() {
    String strategy = cluster.get(RestartStrategyOptions.RESTART_STRATEGY);
    if (strategy != null && NO_RESTART.contains(strategy)) {
      SubmissionWarnings.warn(
          LOG,
          "{} is {}: the first failure of a machine ends the job",
          RestartStrategyOptions.RESTART_STRATEGY.key(),
          strategy);
    }
    if (cluster.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION)
            == ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS
        && cluster
            .getOptional(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION)
            .isPresent()) {
      SubmissionWarnings.warn(
          LOG,
          "{} is {}: when the job ends with an error, there is no checkpoint from which it can be resumed",
          CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION.key(),
          ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS);
    }
  }

  private <T> void unlessSet(ConfigOption<T> option, T value) {
    if (cluster.getOptional(option).isEmpty()) {
      settings.set(option, value);
    }
  }

  private <T> void overrule(ConfigOption<T> option, T value) {
    cluster
        .getOptional(option)
        .filter(other -> !other.equals(value))
        .ifPresent(
            other ->
                SubmissionWarnings.warn(
                    LOG,
                    "{} is {} in the cluster's configuration; this job uses {}",
                    option.key(),
                    other,
                    value));
    settings.set(option, value);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
