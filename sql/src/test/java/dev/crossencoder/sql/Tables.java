package dev.crossencoder.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CollectionUtil;
import org.apache.flink.util.ExceptionUtils;
import org.assertj.core.data.Offset;

/** Table environments, statements and their expected results. */
final class Tables {
  /** A question with the passage that answers it, and one that does not. */
  static final String QUESTION = "How many people live in Berlin?";

  static final String ANSWER = "Berlin has a population of 3.5 million people.";
  static final String OTHER = "Bananas are yellow and grow in warm countries.";

  private static final double TOLERANCE = 1e-5;

  private Tables() {}

  /** One TaskManager with two slots. */
  static MiniClusterResourceConfiguration cluster() {
    return cluster(new Configuration());
  }

  /** One TaskManager with two slots. */
  static MiniClusterResourceConfiguration cluster(Configuration configuration) {
    return new MiniClusterResourceConfiguration.Builder()
        .setConfiguration(configuration)
        .setNumberTaskManagers(1)
        .setNumberSlotsPerTaskManager(2)
        .build();
  }

  /** A streaming table environment whose jobs never restart. */
  static StreamTableEnvironment environment() {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    return StreamTableEnvironment.create(
        StreamExecutionEnvironment.getExecutionEnvironment(configuration).setParallelism(1));
  }

  /** A table environment of batch jobs. */
  static StreamTableEnvironment batch() {
    return StreamTableEnvironment.create(
        StreamExecutionEnvironment.getExecutionEnvironment(), EnvironmentSettings.inBatchMode());
  }

  /** An environment with a view {@code pairs} of a question with two passages. */
  static StreamTableEnvironment withPairs() {
    StreamTableEnvironment tables = environment();
    tables.executeSql(
        "CREATE TEMPORARY VIEW pairs AS SELECT * FROM (VALUES (1, '%s', '%s'), (2, '%s', '%s')) AS t(id, query, passage)"
            .formatted(QUESTION, ANSWER, QUESTION, OTHER));
    return tables;
  }

  /** Creates a model. The options are pairs of a key and a value. */
  static void model(
      StreamTableEnvironment tables, String name, String input, String output, String... options) {
    StringBuilder statement =
        new StringBuilder(
            "CREATE MODEL %s INPUT (%s) OUTPUT (%s) WITH ('provider' = 'cross-encoder'"
                .formatted(name, input, output));
    for (int i = 0; i < options.length; i += 2) {
      statement.append(", '%s' = '%s'".formatted(options[i], options[i + 1]));
    }
    tables.executeSql(statement.append(")").toString());
  }

  /** Runs a query and returns its rows. */
  static List<Row> rows(StreamTableEnvironment tables, String query) {
    return CollectionUtil.iteratorToList(tables.executeSql(query).collect());
  }

  /** Runs a query that fails, and returns the whole stack trace. */
  static String failure(StreamTableEnvironment tables, String query) {
    return ExceptionUtils.stringifyException(
        catchThrowable(
            () -> {
              List<Row> unused = rows(tables, query);
            }));
  }

  /** Asserts that a score is that of a pair without Flink. */
  static void assertScore(Object actual, String model, String text, String textPair) {
    float expected = scores(model, List.of(new TextPair(text, textPair))).get(0).score();
    assertThat(((Number) actual).floatValue()).isCloseTo(expected, tolerance(expected));
  }

  /** Scores pairs without Flink. */
  static List<Score> scores(String model, List<TextPair> pairs) {
    try (CrossEncoder crossEncoder =
        CrossEncoder.open(ModelRepository.shared().resolve(model), CrossEncoderOptions.DEFAULT)) {
      return crossEncoder.score(pairs);
    }
  }

  static Offset<Float> tolerance(float value) {
    return within((float) (TOLERANCE * Math.max(1, Math.abs(value))));
  }
}
