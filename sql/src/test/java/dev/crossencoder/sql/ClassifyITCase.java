package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.failure;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One text and the labels of the options in ML_PREDICT. */
class ClassifyITCase {
  private static final String INPUT = "text STRING";
  private static final String OUTPUT =
      "label STRING, scores MAP<STRING, FLOAT>, score DOUBLE, truncated BOOLEAN";
  private static final String BREAD = "The bread was warm and the soup was salty.";
  private static final String LONG = "The keeper lit the lamp each evening. ".repeat(100);

  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(Tables.cluster());

  private StreamTableEnvironment tables;

  @BeforeEach
  void createTable() {
    tables = Tables.environment();
    tables.executeSql(
        "CREATE TEMPORARY VIEW texts AS SELECT * FROM (VALUES (1, '%s'), (2, CAST(NULL AS STRING)), (3, '%s')) AS t(id, text)"
            .formatted(BREAD, LONG));
  }

  private List<Row> predict(String model) {
    return rows(
        tables,
        "SELECT * FROM ML_PREDICT(TABLE texts, MODEL %s, DESCRIPTOR(text))".formatted(model));
  }

  @Test
  void aTextHasTheLabelsThatItHasWithoutFlink() {
    model(
        tables,
        "topic",
        INPUT,
        OUTPUT,
        "model",
        "demo-nli",
        "classify.labels",
        "food;ships",
        "classify.template",
        "This is about {}.");

    List<Row> rows = predict("topic");

    assertThat(rows).extracting(row -> row.getField("id")).containsExactly(1, 2, 3);
    assertThat(rows.get(1).getField("label")).isNull();
    assertThat(rows.get(1).getField("scores")).isNull();
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-nli"), CrossEncoderOptions.DEFAULT)) {
      assertSame(model, rows.get(0), BREAD);
      assertSame(model, rows.get(2), LONG);
    }
    assertThat(rows.get(0).getField("truncated")).isEqualTo(false);
    assertThat(rows.get(2).getField("truncated")).isEqualTo(true);
  }

  private static void assertSame(CrossEncoder model, Row row, String text) {
    Classification expected =
        model.classify(
            text,
            List.of("food", "ships"),
            ClassifyOptions.DEFAULT.withTemplate("This is about {}."));
    assertThat(row.getField("label")).isEqualTo(expected.label());
    assertThat((Double) row.getField("score")).isEqualTo(expected.scores().get(0), within(1e-5));
    Map<?, ?> scores = (Map<?, ?>) row.getField("scores");
    assertThat(scores).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat((Float) scores.get(expected.labels().get(i)))
          .isEqualTo(expected.scores().get(i), within(1e-5f));
    }
  }

  @Test
  void aTextWhoseLabelsDoNotReachTheirThresholdsHasNoRow() {
    String[] labels = {"model", "demo-nli", "classify.labels", "food;ships", "label-threshold", ""};
    labels[5] = "food=0.99999";
    model(tables, "never", INPUT, "label STRING", labels.clone());
    labels[5] = "food=0;ships=1";
    model(tables, "always", INPUT, "label STRING", labels.clone());

    assertThat(predict("never")).extracting(row -> row.getField("id")).containsExactly(2);
    assertThat(predict("always")).extracting(row -> row.getField("id")).containsExactly(1, 2, 3);
  }

  @Test
  void aThresholdForAnotherLabelEndsTheJob() {
    model(
        tables,
        "wrong",
        INPUT,
        "label STRING",
        "model",
        "demo-nli",
        "classify.labels",
        "food;ships",
        "label-threshold",
        "sport=0.5");

    assertThat(
            failure(tables, "SELECT * FROM ML_PREDICT(TABLE texts, MODEL wrong, DESCRIPTOR(text))"))
        .contains(
            "Invalid label-threshold: sport=0.5. There is no label sport in classify.labels. The labels are food, ships.");
  }

  @Test
  void aModelWithoutEntailmentEndsTheJob() {
    model(
        tables,
        "wrong",
        INPUT,
        "label STRING",
        "model",
        "demo-qa",
        "classify.labels",
        "food;ships");

    assertThat(
            failure(tables, "SELECT * FROM ML_PREDICT(TABLE texts, MODEL wrong, DESCRIPTOR(text))"))
        .contains("Cannot classify with demo-qa, it has one label.");
  }
}
