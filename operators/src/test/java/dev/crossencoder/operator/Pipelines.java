package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** What the pipelines of the ITCases share. */
final class Pipelines {
  /**
   * So many records that the source has not ended when a job fails. Otherwise the coordinator's
   * last event may meet the failed task, and the job then reports this instead of the failure.
   */
  static final int MORE_THAN_ARE_READ = 2_000;

  private static final int MAX_RESULTS = 10_000;
  private static final double TOLERANCE = 1e-5;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(50);

  private Pipelines() {}

  /** One TaskManager with two slots. */
  static MiniClusterResourceConfiguration cluster(Configuration configuration) {
    return new MiniClusterResourceConfiguration.Builder()
        .setConfiguration(configuration)
        .setNumberTaskManagers(1)
        .setNumberSlotsPerTaskManager(2)
        .build();
  }

  /** An environment that refuses Kryo and operators without a uid, and never restarts. */
  static StreamExecutionEnvironment environment(int parallelism) {
    return environment(parallelism, 0);
  }

  /** With checkpoints if it restarts: without them Flink gives up collecting after a restart. */
  static StreamExecutionEnvironment environment(int parallelism, int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
    if (restarts > 0) {
      configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
    }
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration)
        .setParallelism(parallelism);
  }

  /** Waits longer than a job takes to start on a machine with other work. */
  static ConditionFactory eventually() {
    return Awaitility.await().atMost(DEADLINE);
  }

  static DataStream<Question> source(StreamExecutionEnvironment environment, int count) {
    return environment
        .fromData(Question.some(count), Question.TYPE)
        .uid("questions")
        .name("questions");
  }

  static <T> List<T> collect(DataStream<T> stream) throws Exception {
    return stream.executeAndCollect(MAX_RESULTS);
  }

  /** Asserts that results are what the library gives without Flink. */
  static void assertScoredBy(String model, List<Scored<Question>> results) {
    try (CrossEncoder crossEncoder =
        CrossEncoder.open(ModelRepository.shared().resolve(model), CrossEncoderOptions.DEFAULT)) {
      for (Scored<Question> scored : results) {
        List<Score> expected = crossEncoder.score(scored.element().pairs());
        assertThat(scored.failure()).isNull();
        assertThat(scored.scores()).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
          assertClose(scored.scores().get(i), expected.get(i));
        }
      }
    }
  }

  private static void assertClose(Score actual, Score expected) {
    assertThat(actual.label()).isEqualTo(expected.label());
    assertThat(actual.truncated()).isEqualTo(expected.truncated());
    assertThat(actual.scores().keySet()).isEqualTo(expected.scores().keySet());
    assertThat((double) actual.score()).isCloseTo(expected.score(), tolerance(expected.score()));
    for (int i = 0; i < expected.logits().size(); i++) {
      double logit = expected.logits().get(i);
      assertThat((double) actual.logits().get(i)).isCloseTo(logit, tolerance(logit));
    }
  }

  private static Offset<Double> tolerance(double value) {
    return within(TOLERANCE * Math.max(1, Math.abs(value)));
  }

  /** The threads of all scoring services of this JVM. */
  static List<String> scoringThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("cross-encoder-"))
        .toList();
  }
}
