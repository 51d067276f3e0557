package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.ANSWER;
import static dev.crossencoder.sql.Tables.QUESTION;
import static dev.crossencoder.sql.Tables.assertScore;
import static dev.crossencoder.sql.Tables.failure;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/** What rows and models lead to that cannot be scored. */
class FailuresITCase {
  private static final String PAIR = "query STRING, passage STRING";
  private static final String DOCUMENTS = "query STRING, documents ARRAY<STRING>";
  private static final String SCORE = "score FLOAT, error STRING";
  private static final String SECRET = "unspeakable";
  private static final String NOT_FINITE =
      "non_finite_score: The model returned a score that is NaN or infinite for pair 0 of the record.";

  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(CrossEncoderPredictFunction.class, Level.WARN);

  @TempDir private static Path folder;

  private static String broken;

  private StreamTableEnvironment tables;

  @BeforeAll
  static void buildModel() throws Exception {
    broken = BrokenModel.build(folder).toString();
  }

  @BeforeEach
  void createTables() {
    tables = Tables.environment();
    tables.executeSql(
        "CREATE TEMPORARY VIEW pairs AS SELECT * FROM (VALUES (1, '%1$s', '%2$s'), (2, '%3$s', 'a %4$s erupts'), (3, '%1$s', '%2$s')) AS t(id, query, passage)"
            .formatted(QUESTION, ANSWER, SECRET, BrokenModel.WORD));
  }

  private static String predict(String model) {
    return "SELECT * FROM ML_PREDICT(TABLE pairs, MODEL %s, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])"
        .formatted(model);
  }

  @Test
  void aRowThatCannotBeScoredHasAnErrorAndCostsNoOther() {
    model(tables, "lenient", PAIR, SCORE, "model", broken, "error-handling-strategy", "ignore");

    List<Row> rows = rows(tables, predict("lenient"));

    assertThat(rows)
        .extracting(row -> row.getField("error"))
        .containsExactly(null, NOT_FINITE, null);
    assertThat(rows.get(1).getField("score")).isNull();
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, ANSWER);
    assertScore(rows.get(2).getField("score"), "demo-qa", QUESTION, ANSWER);
  }

  @Test
  void ignoringNeedsNoColumnForErrors() {
    model(
        tables,
        "silent",
        PAIR,
        "score FLOAT",
        "model",
        broken,
        "error-handling-strategy",
        "ignore");

    assertThat(rows(tables, predict("silent")))
        .extracting(row -> row.getField("score") == null)
        .containsExactly(false, true, false);
  }

  @Test
  void byDefaultTheJobFailsWithoutTheTextsOfTheRow() {
    model(tables, "strict", PAIR, SCORE, "model", broken);

    assertThat(failure(tables, predict("strict")))
        .contains(
            "Cannot score a row on cpu, "
                + NOT_FINITE
                + " Set 'error-handling-strategy' = 'ignore' to get NULL for such rows.")
        .doesNotContain(SECRET)
        .doesNotContain(BrokenModel.WORD);
  }

  @Test
  void theJobFailsWithoutTextsWhateverRowsTheInputHas() {
    tables.createTemporaryView(
        "streamed",
        tables.fromDataStream(
            tables.toDataStream(tables.from("pairs")),
            Schema.newBuilder()
                .column("query", DataTypes.STRING())
                .column("passage", DataTypes.STRING())
                .build()));
    model(tables, "strict", PAIR, SCORE, "model", broken);

    assertThat(
            failure(
                tables,
                "SELECT * FROM ML_PREDICT(TABLE streamed, MODEL strict, DESCRIPTOR(query, passage))"))
        .contains(NOT_FINITE)
        .doesNotContain(SECRET);
  }

  @Test
  void aDocumentThatCannotBeScoredFailsItsRowOnly() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW searches AS SELECT * FROM (VALUES (1, 'q', ARRAY['a', '%s']), (2, 'q', ARRAY['a', 'b'])) AS t(id, query, documents)"
            .formatted(BrokenModel.WORD));
    model(
        tables,
        "ranked",
        DOCUMENTS,
        "index INT, score FLOAT, error STRING",
        "model",
        broken,
        "error-handling-strategy",
        "ignore");

    List<Row> rows =
        rows(
            tables,
            "SELECT id, index, error FROM ML_PREDICT(TABLE searches, MODEL ranked, DESCRIPTOR(query, documents))");

    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).getField("index")).isNull();
    assertThat(rows.get(0).<String>getFieldAs("error"))
        .isEqualTo(NOT_FINITE.replace("pair 0", "pair 1"));
    assertThat(rows.subList(1, 3)).allMatch(row -> row.getField("error") == null);
  }

  @Test
  void aPairThatTruncationMayNotShortenHasAnError() {
    model(
        tables,
        "first",
        PAIR,
        SCORE,
        "model",
        "demo-qa",
        "truncation",
        "only_first",
        "max-length",
        "8",
        "error-handling-strategy",
        "ignore");

    assertThat(rows(tables, predict("first")).get(0).<String>getFieldAs("error"))
        .startsWith("pair_too_long: Pair 0 of the record: ");
  }

  @Test
  @Tag("full")
  void aRowThatIsNotScoredInTimeHasAnErrorAndCostsNoOther() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW searches AS SELECT 1 AS id, 'q' AS query, SPLIT(REPEAT('%s,', 100000), ',') AS documents UNION ALL SELECT 2 AS id, 'q' AS query, ARRAY['b'] AS documents"
            .formatted(SECRET));
    String output = "index INT, score FLOAT, error STRING";
    model(
        tables,
        "lenient",
        DOCUMENTS,
        output,
        "model",
        "demo-qa",
        "top-n",
        "1",
        "error-handling-strategy",
        "ignore");
    model(tables, "strict", DOCUMENTS, output, "model", "demo-qa");
    String query =
        "SELECT id, error FROM ML_PREDICT(TABLE searches, MODEL %s, DESCRIPTOR(query, documents), MAP['timeout', '10 s'])";

    List<Row> rows = rows(tables, query.formatted("lenient"));

    assertThat(rows).extracting(row -> row.getField("id")).containsExactlyInAnyOrder(1, 2);
    for (Row row : rows) {
      String error = row.getFieldAs("error");
      if (row.getField("id").equals(1)) {
        assertThat(error)
            .startsWith(
                "timeout: It was not scored within PT9S, nine tenths of ML_PREDICT's timeout. Raise that")
            .contains("pairs wait to be tokenized");
      } else {
        assertThat(error).isNull();
      }
    }
    assertThat(failure(tables, query.formatted("strict")))
        .contains(
            "Cannot score a row on cpu, timeout: It was not scored within PT9S, nine tenths of")
        .doesNotContain(SECRET);
  }

  @Test
  void labelsOfAModelWithOneLabelAreRefused() {
    model(tables, "labels", PAIR, "label STRING, scores MAP<STRING, FLOAT>", "model", "demo-qa");

    assertThat(failure(tables, predict("labels")))
        .contains("The failure is not recoverable")
        .contains(
            "Cannot fill the output column label and scores, demo-qa has one label. Leave the column out, or use a model with several labels.");
  }

  @Test
  void aModelThatDoesNotExistEndsTheJob() {
    model(tables, "missing", PAIR, "score FLOAT", "model", "no-such-model", "model-wait", "0 s");

    assertThat(failure(tables, predict("missing")))
        .contains("The failure is not recoverable")
        .contains("no-such-model");
  }

  @Test
  void anotherDigestEndsTheJobAndIsNamedAsInSql() {
    model(
        tables,
        "pinned",
        PAIR,
        "score FLOAT",
        "model",
        "demo-qa",
        "model-digest",
        "sha256:" + "0".repeat(64));

    assertThat(failure(tables, predict("pinned")))
        .contains("The failure is not recoverable")
        .contains("Invalid model-digest: sha256:000");
  }

  @Test
  void fewRowsInFlightAreMentionedOnce() {
    model(tables, "qa", PAIR, "score FLOAT", "model", "demo-qa");

    List<Row> few =
        rows(tables, "SELECT * FROM ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage))");
    List<Row> many = rows(tables, predict("qa"));

    assertThat(few).hasSameSizeAs(many);
    assertThat(log.getMessages())
        .containsExactly(
            "ML_PREDICT has at most 10 rows in flight, Flink's default, so that batches do not fill. Add MAP['max-concurrent-operations', '128'] as its last argument, or SET 'table.exec.async-ml-predict.max-concurrent-operations' = '128'.");
  }
}
