package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.ANSWER;
import static dev.crossencoder.sql.Tables.OTHER;
import static dev.crossencoder.sql.Tables.QUESTION;
import static dev.crossencoder.sql.Tables.assertScore;
import static dev.crossencoder.sql.Tables.failure;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.List;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A query and its documents in ML_PREDICT. */
class DocumentsITCase {
  private static final String INPUT = "query STRING, documents ARRAY<STRING>";
  private static final String ROWS = "index INT, score FLOAT, document STRING";
  private static final String ARRAY = "results ARRAY<ROW<index INT, score FLOAT, document STRING>>";

  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  private StreamTableEnvironment tables;

  @BeforeEach
  void createModels() {
    tables = Tables.environment();
    tables.executeSql(
        "CREATE TEMPORARY VIEW searches AS SELECT * FROM (VALUES (1, '%s', ARRAY['%s', '%s']), (2, '%s', ARRAY['%s'])) AS t(id, query, documents)"
            .formatted(QUESTION, OTHER, ANSWER, QUESTION, OTHER));
    model(tables, "ranked", INPUT, ROWS, "model", "demo-qa");
    model(tables, "results", INPUT, ARRAY, "model", "demo-qa");
    model(tables, "best", INPUT, ROWS, "model", "demo-qa", "top-n", "1");
  }

  private List<Row> predict(String model, String table) {
    return rows(
        tables,
        "SELECT * FROM ML_PREDICT(TABLE %s, MODEL %s, DESCRIPTOR(query, documents), MAP['max-concurrent-operations', '16'])"
            .formatted(table, model));
  }

  @Test
  void eachDocumentBecomesARowBestFirst() {
    List<Row> rows = predict("ranked", "searches");

    assertThat(rows).extracting(row -> row.getField("id")).containsExactly(1, 1, 2);
    assertThat(rows).extracting(row -> row.getField("index")).containsExactly(1, 0, 0);
    assertThat(rows)
        .extracting(row -> row.getField("document"))
        .containsExactly(ANSWER, OTHER, OTHER);
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, ANSWER);
    assertScore(rows.get(1).getField("score"), "demo-qa", QUESTION, OTHER);
  }

  @Test
  void aCascadeRanksTheBestOfTheFirstModelAgain() {
    String columns = ROWS + ", stage INT";
    model(
        tables,
        "cascade",
        INPUT,
        columns,
        "model",
        "demo-rank",
        "cascade.model",
        "demo-qa",
        "cascade.keep",
        "1");

    List<Row> rows = predict("cascade", "searches");

    assertThat(rows)
        .extracting(row -> row.getField("document"))
        .containsExactly(ANSWER, OTHER, OTHER);
    assertThat(rows).extracting(row -> row.getField("stage")).containsExactly(1, 0, 1);
    assertScore(rows.get(0).getField("score"), "demo-rank", QUESTION, ANSWER);
    assertScore(rows.get(1).getField("score"), "demo-qa", QUESTION, OTHER);
    assertScore(rows.get(2).getField("score"), "demo-rank", QUESTION, OTHER);
  }

  @Test
  void aCascadeOfPairsIsRefused() {
    tables.executeSql("CREATE TEMPORARY VIEW two AS SELECT * FROM (VALUES ('a', 'b')) AS t(a, b)");
    model(
        tables,
        "pairs",
        "query STRING, passage STRING",
        "score FLOAT",
        "model",
        "demo-rank",
        "cascade.model",
        "demo-qa");

    assertThat(
            failure(
                tables, "SELECT score FROM ML_PREDICT(TABLE two, MODEL pairs, DESCRIPTOR(a, b))"))
        .contains(
            "Invalid cascade.model: demo-qa. A cascade ranks documents. It needs an input of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>).");
  }

  @Test
  void documentsBecomeAnArrayThatUnnestReads() {
    List<Row> rows =
        rows(
            tables,
            "SELECT id, r.* FROM ML_PREDICT(TABLE searches, MODEL results, DESCRIPTOR(query, documents)) AS p CROSS JOIN UNNEST(p.results) AS r(place, score, document)");
    List<Row> best =
        rows(
            tables,
            "SELECT results[1].document AS document, CARDINALITY(results) AS n FROM ML_PREDICT(TABLE searches, MODEL results, DESCRIPTOR(query, documents))");

    assertThat(rows).extracting(row -> row.getField("place")).containsExactly(1, 0, 0);
    assertThat(rows)
        .extracting(row -> row.getField("document"))
        .containsExactly(ANSWER, OTHER, OTHER);
    assertThat(best).containsExactly(Row.of(ANSWER, 2), Row.of(OTHER, 1));
  }

  @Test
  void topNKeepsTheBest() {
    assertThat(predict("best", "searches"))
        .extracting(row -> row.getField("document"))
        .containsExactly(ANSWER, OTHER);
  }

  @Test
  void nullAndEmptyArraysGiveOneRowOfNulls() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW odd AS SELECT id, query, documents FROM (VALUES (1, 'q', CAST(NULL AS ARRAY<STRING>)), (2, 'q', ARRAY_REMOVE(ARRAY['x'], 'x')), (3, CAST(NULL AS STRING), ARRAY['x'])) AS t(id, query, documents)");

    assertThat(predict("ranked", "odd"))
        .extracting(
            row -> row.getField("id"),
            row -> row.getField("index"),
            row -> row.getField("score"),
            row -> row.getField("document"))
        .containsExactly(
            tuple(1, null, null, null), tuple(2, null, null, null), tuple(3, null, null, null));
    assertThat(predict("results", "odd"))
        .extracting(row -> row.getField("results"))
        .containsExactly(null, null, null);
  }

  @Test
  void aDocumentThatIsNullComesLast() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW holes AS SELECT 1 AS id, '%s' AS query, ARRAY[CAST(NULL AS STRING), '%s'] AS documents"
            .formatted(QUESTION, ANSWER));

    List<Row> rows = predict("ranked", "holes");

    assertThat(rows).extracting(row -> row.getField("index")).containsExactly(1, 0);
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, ANSWER);
    assertThat(rows.get(1).getField("score")).isNull();
    assertThat(rows.get(1).getField("document")).isNull();
  }

  @Test
  void rowsOfAQueryAreRankedInAWindow() {
    tables.executeSql(
        """
        CREATE TEMPORARY VIEW hits AS
        SELECT query, passage, TO_TIMESTAMP_LTZ(ms, 3) AS ts
        FROM (VALUES ('%1$s', '%2$s', 1000), ('%1$s', '%3$s', 2000), ('other', 'x', 3000)) AS t(query, passage, ms)
        """
            .formatted(QUESTION, OTHER, ANSWER));
    tables.createTemporaryView(
        "timed",
        tables.fromDataStream(
            tables.toDataStream(tables.from("hits")),
            Schema.newBuilder()
                .column("query", "STRING")
                .column("passage", "STRING")
                .column("ts", "TIMESTAMP_LTZ(3)")
                .watermark("ts", "ts - INTERVAL '1' SECOND")
                .build()));
    tables.executeSql(
        """
        CREATE TEMPORARY VIEW grouped AS
        SELECT window_start, window_end, query, ARRAY_AGG(passage) AS documents
        FROM TABLE(TUMBLE(TABLE timed, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        GROUP BY window_start, window_end, query
        """);

    List<Row> rows =
        rows(
            tables,
            "SELECT query, document FROM ML_PREDICT(TABLE grouped, MODEL best, DESCRIPTOR(query, documents))");

    assertThat(rows).containsExactlyInAnyOrder(Row.of(QUESTION, ANSWER), Row.of("other", "x"));
  }

  @Test
  void aModelWithSeveralLabelsRanksNothing() {
    model(tables, "nli", INPUT, ROWS, "model", "demo-nli");

    assertThat(
            failure(
                tables,
                "SELECT * FROM ML_PREDICT(TABLE searches, MODEL nli, DESCRIPTOR(query, documents))"))
        .contains(
            "Cannot rank documents with demo-nli, it has 3 labels. Ranking takes a model with one label");
  }

  /** It takes minutes on a small machine. */
  @Test
  @Tag("full")
  void veryManyDocumentsDoNotDelayOtherRows() {
    int many = 100_000;
    tables.executeSql(
        "CREATE TEMPORARY VIEW bulk AS SELECT 1 AS id, 'banana' AS query, SPLIT(REPEAT('a,', %d), ',') AS documents UNION ALL SELECT * FROM searches"
            .formatted(many - 1));
    model(tables, "count_only", INPUT, ARRAY, "model", "demo-qa", "top-n", "3");

    List<Row> rows =
        rows(
            tables,
            "SELECT id, CARDINALITY(results) AS n FROM ML_PREDICT(TABLE bulk, MODEL count_only, DESCRIPTOR(query, documents), MAP['timeout', '1 h', 'output-mode', 'ALLOW_UNORDERED'])");

    assertThat(rows).hasSize(3).last().isEqualTo(Row.of(1, 3));
  }
}
