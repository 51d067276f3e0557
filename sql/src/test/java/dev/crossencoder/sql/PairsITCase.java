package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.ANSWER;
import static dev.crossencoder.sql.Tables.OTHER;
import static dev.crossencoder.sql.Tables.QUESTION;
import static dev.crossencoder.sql.Tables.assertScore;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static dev.crossencoder.sql.Tables.scores;
import static dev.crossencoder.sql.Tables.tolerance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;
import org.apache.flink.util.CollectionUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pairs of texts in ML_PREDICT. */
class PairsITCase {
  private static final String PAIR = "query STRING, passage STRING";
  private static final String PREDICT =
      "ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])";

  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  private StreamTableEnvironment tables;

  @BeforeEach
  void createModel() {
    tables = Tables.withPairs();
    model(tables, "qa", PAIR, "score FLOAT", "model", "demo-qa");
  }

  @Test
  void aPairHasTheScoreThatItHasWithoutFlink() {
    List<Row> rows = rows(tables, "SELECT id, score FROM " + PREDICT);

    assertThat(rows).extracting(row -> row.getField("id")).containsExactly(1, 2);
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, ANSWER);
    assertScore(rows.get(1).getField("score"), "demo-qa", QUESTION, OTHER);
  }

  @Test
  void allColumnsOfAModelWithLabelsAreFilled() {
    model(
        tables,
        "nli",
        "premise STRING, hypothesis STRING",
        "score DOUBLE, label STRING, scores MAP<STRING, FLOAT>, logits ARRAY<FLOAT>, truncated BOOLEAN, revision STRING, error STRING",
        "model",
        "demo-nli",
        "activation",
        "softmax");

    Row row =
        rows(
                tables,
                "SELECT score, label, scores, logits, truncated, revision, error, scores[label] AS best, logits[3] AS third FROM ML_PREDICT(TABLE pairs, MODEL nli, DESCRIPTOR(query, passage)) WHERE id = 1")
            .get(0);

    Score expected = scores("demo-nli", List.of(new TextPair(QUESTION, ANSWER))).get(0);
    Map<String, Float> scores = row.getFieldAs("scores");
    assertThat(row.<String>getFieldAs("label")).isEqualTo(expected.label());
    assertThat(scores).containsOnlyKeys("contradiction", "entailment", "neutral");
    assertThat(scores.values().stream().mapToDouble(Float::doubleValue).sum())
        .isCloseTo(1, within(1e-5));
    assertThat(row.<Double>getFieldAs("score"))
        .isEqualTo((double) (float) row.<Float>getFieldAs("best"));
    Object[] logits = row.getFieldAs("logits");
    assertThat(logits).hasSize(3);
    for (int i = 0; i < 3; i++) {
      float logit = expected.logits().get(i);
      assertThat((Float) logits[i]).isCloseTo(logit, tolerance(logit));
    }
    assertThat(row.<Float>getFieldAs("third"))
        .isCloseTo(expected.logits().get(2), tolerance(expected.logits().get(2)));
    assertThat(row.<Boolean>getFieldAs("truncated")).isFalse();
    assertThat(row.<String>getFieldAs("revision"))
        .isEqualTo(ModelRepository.shared().resolve("demo-nli").digest());
    assertThat(row.getField("error")).isNull();
  }

  @Test
  void aPairBelowTheSmallestScoreHasNoRow() {
    model(tables, "relevant", PAIR, "score FLOAT", "model", "demo-qa", "min-score", "0.5");
    String predict =
        "ML_PREDICT(TABLE pairs, MODEL relevant, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])";

    assertThat(rows(tables, "SELECT id FROM " + predict)).containsExactly(Row.of(1));
    assertThat(scores("demo-qa", List.of(new TextPair(QUESTION, OTHER))).get(0).score())
        .as("the score of the other pair")
        .isLessThan(0.5f);
  }

  @Test
  void aPairWhoseLabelsDoNotReachTheirThresholdsHasNoRow() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW sentences AS SELECT * FROM (VALUES (1, 'A man eats.', 'A person eats.'), (2, 'A man eats.', 'A man sleeps.'), (3, CAST(NULL AS STRING), 'x')) AS t(id, query, passage)");
    model(
        tables,
        "entailed",
        PAIR,
        "label STRING",
        "model",
        "demo-nli",
        "activation",
        "softmax",
        "label-threshold",
        "entailment=0.8");

    assertThat(
            rows(
                tables,
                "SELECT id, label FROM ML_PREDICT(TABLE sentences, MODEL entailed, DESCRIPTOR(query, passage))"))
        .containsExactly(Row.of(1, "entailment"), Row.of(3, null));
  }

  @Test
  void nullGivesNull() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW partly AS SELECT * FROM (VALUES (1, CAST(NULL AS STRING), 'p'), (2, 'q', CAST(NULL AS STRING)), (3, 'q', 'p')) AS t(id, query, passage)");
    model(tables, "more", PAIR, "score FLOAT, truncated BOOLEAN", "model", "demo-qa");

    List<Row> rows =
        rows(
            tables,
            "SELECT id, score, truncated FROM ML_PREDICT(TABLE partly, MODEL more, DESCRIPTOR(query, passage))");

    assertThat(rows).hasSize(3);
    assertThat(rows.get(0)).isEqualTo(Row.of(1, null, null));
    assertThat(rows.get(1)).isEqualTo(Row.of(2, null, null));
    assertScore(rows.get(2).getField(1), "demo-qa", "q", "p");
  }

  @Test
  void emptyTextsAndOneMegabyteAreScored() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW odd AS SELECT * FROM (VALUES (1, '', ''), (2, 'q', REPEAT('word ', 200000)), (3, '😀', '\u0007')) AS t(id, query, passage)");
    model(tables, "more", PAIR, "score FLOAT, truncated BOOLEAN", "model", "demo-qa");

    List<Row> rows =
        new ArrayList<>(
            rows(
                tables,
                "SELECT id, score, truncated FROM ML_PREDICT(TABLE odd, MODEL more, DESCRIPTOR(query, passage))"));
    rows.sort(Comparator.comparing(row -> row.<Integer>getFieldAs("id")));

    assertThat(rows)
        .extracting(row -> row.getField("truncated"))
        .containsExactly(false, true, false);
    assertScore(rows.get(0).getField(1), "demo-qa", "", "");
    assertScore(rows.get(1).getField(1), "demo-qa", "q", "word ".repeat(200_000));
    assertScore(rows.get(2).getField(1), "demo-qa", "😀", "\u0007");
  }

  @Test
  void charAndVarcharColumnsAreTexts() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW typed AS SELECT CAST(query AS VARCHAR(100)) AS q, CAST(passage AS CHAR(46)) AS p FROM pairs WHERE id = 1");
    model(tables, "short", "q VARCHAR(100), p CHAR(46)", "score FLOAT", "model", "demo-qa");

    for (String name : List.of("qa", "short")) {
      List<Row> rows =
          rows(
              tables,
              "SELECT score FROM ML_PREDICT(TABLE typed, MODEL %s, DESCRIPTOR(q, p))"
                  .formatted(name));

      assertScore(rows.get(0).getField(0), "demo-qa", QUESTION, ANSWER);
    }
  }

  @Test
  void argumentsMayBeNamedAndTheInputASubquery() {
    List<Row> rows =
        rows(
            tables,
            "SELECT id, score FROM ML_PREDICT(INPUT => (SELECT * FROM pairs WHERE id = 2), MODEL => MODEL qa, ARGS => DESCRIPTOR(query, passage), CONFIG => MAP['max-concurrent-operations', '128', 'output-mode', 'ALLOW_UNORDERED', 'timeout', '1 min', 'async', 'true'])");

    assertThat(rows).hasSize(1);
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, OTHER);
  }

  @Test
  void expressionsComeFromAView() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW built AS SELECT id, UPPER(query) AS question, CONCAT('Answer: ', passage) AS answer FROM pairs");

    List<Row> rows =
        rows(
            tables,
            "SELECT score FROM ML_PREDICT(TABLE built, MODEL qa, DESCRIPTOR(question, answer)) WHERE id = 1");

    assertScore(
        rows.get(0).getField(0), "demo-qa", QUESTION.toUpperCase(Locale.ROOT), "Answer: " + ANSWER);
  }

  @Test
  void aColumnOfTheSameNameIsKept() {
    tables.executeSql(
        "CREATE TEMPORARY VIEW scored AS SELECT id, query, passage, 9 AS score FROM pairs");

    List<Row> rows =
        rows(
            tables,
            "SELECT score, score0 FROM ML_PREDICT(TABLE scored, MODEL qa, DESCRIPTOR(query, passage)) WHERE id = 1");

    assertThat(rows.get(0).getField("score")).isEqualTo(9);
    assertScore(rows.get(0).getField("score0"), "demo-qa", QUESTION, ANSWER);
  }

  @Test
  void thePlanNamesTheModel() {
    assertThat(tables.explainSql("SELECT id, score FROM " + PREDICT))
        .contains("MLPredictTableFunction")
        .contains("MODEL default_catalog.default_database.qa");
  }

  @Test
  void theTableApiPredicts() {
    Table predicted =
        tables
            .fromModel("qa")
            .predict(
                tables.from("pairs"),
                ColumnList.of("query", "passage"),
                Map.of("max-concurrent-operations", "128"));

    List<Row> rows = CollectionUtil.iteratorToList(predicted.execute().collect());

    assertThat(rows).hasSize(2);
    assertScore(rows.get(0).getField("score"), "demo-qa", QUESTION, ANSWER);
  }

  @Test
  void aModelOfTheTableApiNeedsNoCatalog() {
    ModelDescriptor descriptor =
        ModelDescriptor.forProvider("cross-encoder")
            .inputSchema(
                Schema.newBuilder()
                    .column("query", DataTypes.STRING())
                    .column("passage", DataTypes.STRING())
                    .build())
            .outputSchema(Schema.newBuilder().column("score", DataTypes.FLOAT()).build())
            .option(CrossEncoderModelOptions.MODEL, "demo-qa")
            .build();
    Table predicted =
        tables
            .fromModel(descriptor)
            .predict(tables.from("pairs"), ColumnList.of("query", "passage"));

    List<Row> rows = CollectionUtil.iteratorToList(predicted.execute().collect());

    assertScore(rows.get(1).getField("score"), "demo-qa", QUESTION, OTHER);
  }
}
