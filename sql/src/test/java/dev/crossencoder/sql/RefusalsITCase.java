package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.failure;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Statements that are refused when they are planned, and what takes their place. */
class RefusalsITCase {
  private static final String PAIR = "query STRING, passage STRING";

  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  private StreamTableEnvironment tables;

  @BeforeEach
  void createModel() {
    tables = Tables.withPairs();
    model(tables, "qa", PAIR, "score FLOAT", "model", "demo-qa");
  }

  private static String predict(String table, String model, String columns) {
    return "SELECT * FROM ML_PREDICT(TABLE %s, MODEL %s, DESCRIPTOR(%s))"
        .formatted(table, model, columns);
  }

  @Test
  void updatesAreRefusedByFlinkUntilTheyBecomeRows() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW latest AS SELECT query, MAX(passage) AS passage FROM pairs GROUP BY query");

    assertThat(failure(tables, predict("latest", "qa", "query, passage")))
        .contains("doesn't support consuming update changes");

    tables.createTemporaryView(
        "log",
        tables.fromDataStream(
            tables
                .toChangelogStream(tables.from("latest"))
                .filter(row -> row.getKind() != RowKind.UPDATE_BEFORE)
                .map(row -> Row.of(row.getField(0), row.getField(1)))
                .returns(
                    Types.ROW_NAMED(
                        new String[] {"query", "passage"}, Types.STRING, Types.STRING))));
    assertThat(rows(tables, predict("log", "qa", "query, passage"))).isNotEmpty();
  }

  @Test
  void batchModeIsRefusedByFlink() {
    StreamTableEnvironment batch = Tables.batch();
    batch.executeSql(
        "CREATE TEMPORARY VIEW pairs AS SELECT * FROM (VALUES ('a', 'b')) AS t(query, passage)");
    model(batch, "qa", PAIR, "score FLOAT", "model", "demo-qa");

    assertThat(failure(batch, predict("pairs", "qa", "query, passage")))
        .contains("Cannot generate a valid execution plan");
  }

  @Test
  void aModelIsCheckedWhenTheStatementIsPlanned() {
    model(tables, "mistyped", PAIR, "score FLOAT", "model", "demo-qa", "activaton", "sigmoid");
    model(tables, "typed", PAIR, "score STRING", "model", "demo-qa");
    model(tables, "single", "query STRING", "score FLOAT", "model", "demo-qa");

    for (String statement :
        new String[] {
          "EXPLAIN " + predict("pairs", "mistyped", "query, passage"),
          predict("pairs", "mistyped", "query, passage")
        }) {
      assertThat(failure(tables, statement))
          .contains("Unknown option of a cross-encoder model: activaton. Did you mean activation?");
    }
    assertThat(failure(tables, predict("pairs", "typed", "query, passage")))
        .contains("It must be score FLOAT or DOUBLE.");
    assertThat(failure(tables, predict("pairs", "single", "query")))
        .contains(
            "Invalid classify.labels: missing. A model with one input column classifies its text: name the labels");
    assertThat(
            failure(
                tables,
                "SELECT * FROM ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage), MAP['capacity', '3'])"))
        .contains("Unknown key in the configuration of ML_PREDICT: capacity.");
    assertThat(
            failure(
                tables,
                "SELECT * FROM ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage), MAP['async', 'false'])"))
        .contains("sync");
  }

  @Test
  void columnsOfAnotherNumberOrTypeAreRefusedByFlink() {
    assertThat(failure(tables, predict("pairs", "qa", "query")))
        .contains("Number of descriptor columns (1) does not match model input size (2)");
    assertThat(failure(tables, predict("pairs", "qa", "id, passage")))
        .contains("cannot be assigned to model input type");
  }
}
