package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.ANSWER;
import static dev.crossencoder.sql.Tables.OTHER;
import static dev.crossencoder.sql.Tables.QUESTION;
import static dev.crossencoder.sql.Tables.assertScore;
import static dev.crossencoder.sql.Tables.failure;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.repository.ModelRepository;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rows that choose among several models by a column. */
class RoutesITCase {
  private static final String INPUT = "query STRING, passage STRING, route STRING";
  private static final String OUTPUT = "score FLOAT, revision STRING, error STRING";
  private static final String[] MODELS = {
    "models.qa.model", "demo-qa", "models.rank.model", "demo-rank"
  };

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(Tables.cluster(METRICS.addToConfiguration(new Configuration())));

  private StreamTableEnvironment tables;

  @BeforeEach
  void createTable() {
    tables = Tables.environment();
    tables.executeSql(
        "CREATE TEMPORARY VIEW pairs AS SELECT * FROM (VALUES (1, '%1$s', '%2$s', 'qa'), (2, '%1$s', '%3$s', 'rank'), (3, '%1$s', '%2$s', CAST(NULL AS STRING)), (4, '%1$s', '%2$s', 'secret'), (5, '%1$s', CAST(NULL AS STRING), 'secret')) AS t(id, query, passage, kind)"
            .formatted(QUESTION, ANSWER, OTHER));
  }

  private static String[] with(String... options) {
    return Stream.of(MODELS, options).flatMap(Stream::of).toArray(String[]::new);
  }

  private static String predict(String where) {
    return "SELECT * FROM ML_PREDICT((SELECT * FROM pairs WHERE %s), MODEL routed, DESCRIPTOR(query, passage, kind), MAP['max-concurrent-operations', '128'])"
        .formatted(where);
  }

  private static void assertScored(Row row, String model, String passage) {
    assertScore(row.getField("score"), model, QUESTION, passage);
    assertThat(row.getField("revision"))
        .isEqualTo(ModelRepository.shared().resolve(model).digest());
    assertThat(row.getField("error")).isNull();
  }

  @Test
  void eachRowIsScoredByTheModelThatItNames() {
    model(
        tables,
        "routed",
        INPUT,
        OUTPUT,
        with("route.default", "rank", "error-handling-strategy", "ignore"));

    List<Row> rows = rows(tables, predict("TRUE"));

    assertThat(rows).extracting(row -> row.getField("id")).containsExactly(1, 2, 3, 4, 5);
    assertScored(rows.get(0), "demo-qa", ANSWER);
    assertScored(rows.get(1), "demo-rank", OTHER);
    assertScored(rows.get(2), "demo-rank", ANSWER);
    assertThat(rows.get(3).getField("score")).isNull();
    assertThat(rows.get(3).getField("revision")).isNull();
    assertThat(rows.get(3).getField("error"))
        .isEqualTo("unknown_model: The record names a model that is not one of models: qa, rank.");
    assertThat(rows.get(4).getField("error")).as("NULL in, NULL out").isNull();
  }

  @Test
  void aModelThatIsNotLoadedIsLoadedForTheFirstRowThatNamesIt() {
    model(tables, "routed", INPUT, OUTPUT, with("models.max-loaded", "1"));

    List<Row> rows = rows(tables, predict("id < 3"));

    assertScored(rows.get(0), "demo-qa", ANSWER);
    assertScored(rows.get(1), "demo-rank", OTHER);
  }

  @Test
  void eachModelHasItsOwnOptions() {
    model(
        tables,
        "routed",
        INPUT,
        OUTPUT,
        with("models.rank.min-score", "1000", "models.rank.activation", "identity"));

    assertThat(rows(tables, predict("id < 3")))
        .extracting(row -> row.getField("id"))
        .containsExactly(1);
  }

  @Test
  void aRowWithoutAModelFailsTheJobByDefault() {
    model(tables, "routed", INPUT, OUTPUT, MODELS);

    assertThat(failure(tables, predict("id = 3")))
        .contains(
            "unknown_model: The record names no model, and route.default is not set. Models: qa, rank. Set 'error-handling-strategy' = 'ignore'");
    assertThat(failure(tables, predict("id = 4")))
        .contains("unknown_model")
        .doesNotContain("secret");
  }

  @Test
  void failuresAreCountedByModel() {
    model(
        tables,
        "routed",
        INPUT,
        OUTPUT,
        "models.strict.model",
        "demo-qa",
        "models.strict.max-length",
        "4",
        "models.strict.truncation",
        "only_second",
        "route.default",
        "strict",
        "error-handling-strategy",
        "ignore");

    List<Row> rows = rows(tables, predict("id = 3 OR id = 4"));

    assertThat(rows)
        .extracting(row -> row.getField("error").toString().split(":", 2)[0])
        .containsExactly("pair_too_long", "unknown_model");
    assertThat(failed("strict")).isOne();
    assertThat(failed("unknown_model")).isPositive();
  }

  /** The sum of the counters of failed records in the groups of a name. */
  private static long failed(String name) {
    return METRICS.findGroups("^" + name + "$").stream()
        .map(METRICS::getMetricsByGroup)
        .filter(metrics -> metrics.containsKey("recordsFailed"))
        .mapToLong(metrics -> ((Counter) metrics.get("recordsFailed")).getCount())
        .sum();
  }

  @Test
  void documentsAndTextsAreRouted() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW searches AS SELECT * FROM (VALUES ('rank', '%1$s', ARRAY['%2$s', '%3$s']), ('qa', '%1$s', ARRAY['%2$s', '%3$s'])) AS t(kind, query, documents)"
            .formatted(QUESTION, OTHER, ANSWER));
    model(
        tables,
        "ranked",
        "route STRING, query STRING, documents ARRAY<STRING>",
        "score FLOAT, document STRING, revision STRING",
        with("models.qa.top-n", "1"));
    model(
        tables,
        "topic",
        "route STRING, text STRING",
        "label STRING",
        "models.food.model",
        "demo-nli",
        "models.food.classify.labels",
        "bread;cheese",
        "models.sea.model",
        "demo-nli",
        "models.sea.classify.labels",
        "ships;fish");

    List<Row> ranked =
        rows(
            tables,
            "SELECT * FROM ML_PREDICT(TABLE searches, MODEL ranked, DESCRIPTOR(kind, query, documents))");
    List<Row> topics =
        rows(
            tables,
            "SELECT * FROM ML_PREDICT((SELECT * FROM (VALUES ('sea', 'A ship sails.'), ('food', 'We bake bread.')) AS t(kind, text)), MODEL topic, DESCRIPTOR(kind, text))");

    assertThat(ranked)
        .extracting(row -> row.getField("kind"))
        .containsExactly("rank", "rank", "qa");
    assertScore(ranked.get(0).getField("score"), "demo-rank", QUESTION, ANSWER);
    assertScore(ranked.get(2).getField("score"), "demo-qa", QUESTION, ANSWER);
    assertThat((String) topics.get(0).getField("label")).isIn("ships", "fish");
    assertThat((String) topics.get(1).getField("label")).isIn("bread", "cheese");
  }
}
