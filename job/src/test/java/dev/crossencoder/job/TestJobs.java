package dev.crossencoder.job;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs the job between the topics of a test, on the Flink cluster that the test has started. */
public record TestJobs(EmbeddedKafka kafka) {
  /**
   * A {@code checkpoint.interval} at which a test sees only the checkpoints that it triggers
   * itself, and the one at the end of a bounded run.
   */
  static final String RARELY = "4min";

  private static final Duration PAUSE = Duration.ofMinutes(3);

  private static final int RUN_SECONDS = 60;

  /** One TaskManager with two slots. */
  static MiniClusterResourceConfiguration cluster() {
    return new MiniClusterResourceConfiguration.Builder()
        .setNumberTaskManagers(1)
        .setNumberSlotsPerTaskManager(2)
        .build();
  }

  public static String scored(String name) {
    return name + "-scored";
  }

  public static String dead(String name) {
    return name + "-dead";
  }

  public TestTopics topics() {
    return new TestTopics(kafka.bootstrapServers());
  }

  /** Creates the input, output and dead-letter topic of a job. */
  public void createTopics(String name, int partitions) throws Exception {
    for (String topic : List.of(name, scored(name), dead(name))) {
      topics().create(topic, partitions, Map.of());
    }
  }

  /** The options of an unbounded job with two subtasks and frequent checkpoints, and more. */
  public Map<String, String> options(String name, Map<String, String> more) {
    Map<String, String> options = new HashMap<>();
    options.put("bootstrap-servers", kafka.bootstrapServers());
    options.put("input.topic", name);
    options.put("output.topic", scored(name));
    options.put("dead-letter.topic", dead(name));
    options.put("job.name", name);
    options.put("checkpoint.interval", "200ms");
    options.put("parallelism", "2");
    options.put("cross-encoder.model", "demo-qa");
    options.putAll(more);
    if (more.keySet().stream().anyMatch(key -> key.startsWith("cross-encoder.models."))) {
      options.remove("cross-encoder.model");
    }
    return options;
  }

  /** An environment in which a failure ends the job. */
  static StreamExecutionEnvironment environment() {
    return environment(0);
  }

  static StreamExecutionEnvironment environment(int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
  }

  /** An environment in which a job goes on from a savepoint; null is none. */
  static StreamExecutionEnvironment from(String savepoint) {
    return from(savepoint, 0);
  }

  static StreamExecutionEnvironment from(String savepoint, int restarts) {
    StreamExecutionEnvironment environment = environment(restarts);
    if (savepoint != null) {
      Configuration restored = new Configuration();
      restored.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
      environment.configure(restored);
    }
    return environment;
  }

  /** Stops a job, and returns where its savepoint is. */
  String stopWithSavepoint(JobClient job, Path folder) throws Exception {
    String savepoint =
        job.stopWithSavepoint(
                false,
                folder.resolve("savepoints").toUri().toString(),
                SavepointFormatType.CANONICAL)
            .get(RUN_SECONDS, TimeUnit.SECONDS);
    job.getJobExecutionResult().get(RUN_SECONDS, TimeUnit.SECONDS);
    return savepoint;
  }

  JobClient start(String name, Map<String, String> more) throws Exception {
    return start(environment(), name, more);
  }

  JobClient start(StreamExecutionEnvironment environment, String name, Map<String, String> more)
      throws Exception {
    CrossEncoderJob.build(environment, JobConfig.from(Configuration.fromMap(options(name, more))));
    if (RARELY.equals(more.get("checkpoint.interval"))) {
      // Flink takes the first checkpoint at any time between this pause and the interval.
      environment.getCheckpointConfig().setMinPauseBetweenCheckpoints(PAUSE.toMillis());
    }
    return environment.executeAsync(name);
  }

  /** Runs a job over what is in its input topic, and returns when it has ended by itself. */
  void runToEnd(String name, Map<String, String> more) throws Exception {
    Map<String, String> bounded = new HashMap<>(more);
    bounded.put("until", "latest");
    start(name, bounded).getJobExecutionResult().get(RUN_SECONDS, TimeUnit.SECONDS);
  }
}
