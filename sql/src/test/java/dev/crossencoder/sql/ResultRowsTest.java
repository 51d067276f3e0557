package dev.crossencoder.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.sql.ModelSchema.Shape;
import dev.crossencoder.sql.OutputColumn.Kind;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.Test;

class ResultRowsTest {
  private static final List<OutputColumn> DOCUMENT = columns(Kind.INDEX, Kind.SCORE, Kind.DOCUMENT);

  private static List<OutputColumn> columns(Kind... kinds) {
    return Arrays.stream(kinds).map(kind -> new OutputColumn(kind, false)).toList();
  }

  private static Score score(float value) {
    return new Score(value, null, Map.of(), List.of(value), false);
  }

  private static ResultRows rows(int topN) {
    return new ResultRows(
        new ModelSchema(Shape.DOCUMENT_ROWS, 0, 1, ModelSchema.NO_ROUTE, DOCUMENT, List.of()),
        "sha256:1",
        RankOptions.ALL.withTopN(topN));
  }

  private static List<String> texts(Collection<RowData> rows) {
    return rows.stream()
        .map(
            row ->
                "%d %s %s"
                    .formatted(
                        row.getInt(0), row.isNullAt(1) ? "-" : row.getFloat(1), row.getString(2)))
        .toList();
  }

  @Test
  void theBestDocumentIsFirstAndEqualOnesKeepTheirOrder() {
    List<String> documents = List.of("a", "b", "c", "d");
    List<Score> scores = List.of(score(1), score(2), score(1), score(3));

    assertThat(texts(rows(10).documents(documents, scores)))
        .containsExactly("3 3.0 d", "1 2.0 b", "0 1.0 a", "2 1.0 c");
    assertThat(texts(rows(2).documents(documents, scores))).containsExactly("3 3.0 d", "1 2.0 b");
  }

  @Test
  void documentsThatAreNullComeLastAndKeepTheirIndex() {
    List<String> documents = Arrays.asList(null, "a", null, "b");
    List<Score> scores = List.of(score(1), score(2));

    assertThat(texts(rows(10).documents(documents, scores)))
        .containsExactly("3 2.0 b", "1 1.0 a", "0 - null", "2 - null");
    assertThat(texts(rows(3).documents(documents, scores)))
        .containsExactly("3 2.0 b", "1 1.0 a", "0 - null");
    assertThat(texts(rows(10).documents(Arrays.asList((String) null), List.of())))
        .containsExactly("0 - null");
  }

  @Test
  void anArrayHasARowForEachDocument() {
    ResultRows rows =
        new ResultRows(
            new ModelSchema(
                Shape.DOCUMENT_ARRAY,
                0,
                1,
                ModelSchema.NO_ROUTE,
                columns(Kind.RESULTS, Kind.REVISION),
                DOCUMENT),
            "sha256:1",
            RankOptions.ALL);

    Collection<RowData> output = rows.documents(List.of("a", "b"), List.of(score(1), score(2)));

    assertThat(output).hasSize(1);
    RowData row = output.iterator().next();
    assertThat(row.getArray(0).size()).isEqualTo(2);
    assertThat(row.getArray(0).getRow(0, 3).getInt(0)).isEqualTo(1);
    assertThat(row.getArray(0).getRow(1, 3).getString(2)).isEqualTo(StringData.fromString("a"));
    assertThat(row.getString(1)).isEqualTo(StringData.fromString("sha256:1"));
  }

  @Test
  void aPairFillsEachColumnByItsKind() {
    List<OutputColumn> columns =
        List.of(
            new OutputColumn(Kind.SCORE, true),
            new OutputColumn(Kind.LABEL, false),
            new OutputColumn(Kind.SCORES, false),
            new OutputColumn(Kind.LOGITS, true),
            new OutputColumn(Kind.TRUNCATED, false),
            new OutputColumn(Kind.REVISION, false),
            new OutputColumn(Kind.ERROR, false));
    ResultRows rows =
        new ResultRows(
            new ModelSchema(Shape.PAIR, 0, 1, ModelSchema.NO_ROUTE, columns, List.of()),
            "sha256:1",
            RankOptions.ALL);

    RowData row =
        rows.pair(
                new Score(0.75f, "yes", Map.of("no", 0.25f, "yes", 0.75f), List.of(-1f, 1f), true))
            .iterator()
            .next();

    assertThat(row.getDouble(0)).isEqualTo(0.75);
    assertThat(row.getString(1)).hasToString("yes");
    assertThat(row.getMap(2).size()).isEqualTo(2);
    assertThat(row.getMap(2).keyArray().getString(0)).hasToString("no");
    assertThat(row.getMap(2).valueArray().getFloat(1)).isEqualTo(0.75f);
    assertThat(row.getArray(3).toDoubleArray()).containsExactly(-1, 1);
    assertThat(row.getBoolean(4)).isTrue();
    assertThat(row.getString(5)).hasToString("sha256:1");
    assertThat(row.isNullAt(6)).isTrue();
  }

  @Test
  void aRowWithoutAScoreHasOneRowOfNulls() {
    ModelSchema schema =
        new ModelSchema(
            Shape.PAIR, 0, 1, ModelSchema.NO_ROUTE, columns(Kind.SCORE, Kind.ERROR), List.of());

    assertThat(ResultRows.none(schema))
        .singleElement()
        .matches(row -> row.isNullAt(0) && row.isNullAt(1));
    assertThat(ResultRows.failed(schema, "why"))
        .singleElement()
        .matches(row -> row.isNullAt(0) && row.getString(1).toString().equals("why"));
  }
}
