package dev.crossencoder.sql;

import static org.apache.flink.table.api.DataTypes.ARRAY;
import static org.apache.flink.table.api.DataTypes.BIGINT;
import static org.apache.flink.table.api.DataTypes.BOOLEAN;
import static org.apache.flink.table.api.DataTypes.CHAR;
import static org.apache.flink.table.api.DataTypes.DOUBLE;
import static org.apache.flink.table.api.DataTypes.FIELD;
import static org.apache.flink.table.api.DataTypes.FLOAT;
import static org.apache.flink.table.api.DataTypes.INT;
import static org.apache.flink.table.api.DataTypes.MAP;
import static org.apache.flink.table.api.DataTypes.ROW;
import static org.apache.flink.table.api.DataTypes.STRING;
import static org.apache.flink.table.api.DataTypes.VARCHAR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.sql.ModelSchema.Shape;
import dev.crossencoder.sql.OutputColumn.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.types.DataType;
import org.junit.jupiter.api.Test;

class ModelSchemaTest {
  private static final List<String> OUTPUTS =
      List.of("score", "label", "scores", "logits", "truncated", "revision", "error");

  private static ResolvedSchema columns(DataType... types) {
    Column[] columns = new Column[types.length];
    for (int i = 0; i < types.length; i++) {
      columns[i] = Column.physical("c" + i, types[i]);
    }
    return ResolvedSchema.of(columns);
  }

  private static ResolvedSchema output(String name, DataType type) {
    return TestModels.output(name, type);
  }

  private static ModelSchema pairs(ResolvedSchema output) {
    return ModelSchema.of(TestModels.PAIR, output, false);
  }

  private static ModelSchema documents(ResolvedSchema output) {
    return ModelSchema.of(TestModels.DOCUMENTS, output, false);
  }

  private static DataType results() {
    return ARRAY(ROW(FIELD("index", INT()), FIELD("score", FLOAT()), FIELD("document", STRING())));
  }

  @Test
  void twoTextsAreAPair() {
    ModelSchema schema =
        pairs(
            ResolvedSchema.of(
                Column.physical("score", DOUBLE()),
                Column.physical("label", STRING()),
                Column.physical("scores", MAP(STRING(), FLOAT())),
                Column.physical("logits", ARRAY(FLOAT())),
                Column.physical("truncated", BOOLEAN()),
                Column.physical("revision", STRING()),
                Column.physical("error", STRING())));

    assertThat(schema.shape()).isEqualTo(Shape.PAIR);
    assertThat(schema.columns())
        .extracting(column -> column.kind().columnName())
        .containsExactlyElementsOf(OUTPUTS);
    assertThat(schema.columns().get(0)).isEqualTo(new OutputColumn(Kind.SCORE, true));
    assertThat(schema.columns().get(2)).isEqualTo(new OutputColumn(Kind.SCORES, false));
  }

  @Test
  void textsMayHaveALimitedLength() {
    assertThat(ModelSchema.of(columns(CHAR(10), VARCHAR(20)), TestModels.SCORE, false).shape())
        .isEqualTo(Shape.PAIR);
    assertThat(
            ModelSchema.of(columns(CHAR(10), ARRAY(VARCHAR(20))), TestModels.SCORE, false).shape())
        .isEqualTo(Shape.DOCUMENT_ROWS);
  }

  @Test
  void theQueryMayComeAfterItsDocuments() {
    ModelSchema schema =
        ModelSchema.of(columns(ARRAY(STRING()), STRING()), TestModels.SCORE, false);

    assertThat(schema.firstText()).isEqualTo(1);
    assertThat(schema.second()).isZero();
  }

  @Test
  void documentsBecomeRowsOrAnArray() {
    assertThat(documents(TestModels.SCORE).shape()).isEqualTo(Shape.DOCUMENT_ROWS);
    ModelSchema array = documents(output("results", results()));
    assertThat(array.shape()).isEqualTo(Shape.DOCUMENT_ARRAY);
    assertThat(array.resultFields())
        .extracting(OutputColumn::kind)
        .containsExactly(Kind.INDEX, Kind.SCORE, Kind.DOCUMENT);
  }

  @Test
  void oneTextIsClassified() {
    ModelSchema schema = ModelSchema.of(columns(STRING()), output("label", STRING()), false);

    assertThat(schema.shape()).isEqualTo(ModelSchema.Shape.CLASSIFY);
    assertThat(schema.columns()).extracting(OutputColumn::kind).containsExactly(Kind.LABEL);
    assertThatThrownBy(
            () -> ModelSchema.of(columns(STRING()), output("logits", ARRAY(FLOAT())), false))
        .hasMessageContaining(
            "with this input they can be: label STRING, score FLOAT or DOUBLE, scores MAP<STRING, FLOAT>, truncated BOOLEAN, revision STRING, error STRING.");
  }

  @Test
  void aColumnNamesTheModelOfARowWhereverItIs() {
    for (int place = 0; place < 3; place++) {
      List<Column> input = new ArrayList<>(columns(STRING(), ARRAY(STRING())).getColumns());
      input.add(place, Column.physical("route", VARCHAR(20)));

      ModelSchema schema =
          ModelSchema.of(ResolvedSchema.of(input), output("results", results()), true);

      assertThat(schema.shape()).isEqualTo(Shape.DOCUMENT_ARRAY);
      assertThat(schema.route()).isEqualTo(place);
      assertThat(input.get(schema.firstText()).getName()).isEqualTo("c0");
      assertThat(input.get(schema.second()).getName()).isEqualTo("c1");
    }
    ResolvedSchema text =
        ResolvedSchema.of(Column.physical("route", STRING()), Column.physical("text", STRING()));
    assertThat(ModelSchema.of(text, output("label", STRING()), true))
        .matches(schema -> schema.shape() == Shape.CLASSIFY && schema.firstText() == 1);
    assertThat(ModelSchema.of(text, TestModels.SCORE, false))
        .matches(schema -> schema.shape() == Shape.PAIR && schema.route() == ModelSchema.NO_ROUTE);
  }

  @Test
  void withSeveralModelsAColumnMustNameThatOfARow() {
    for (ResolvedSchema input :
        List.of(
            TestModels.PAIR,
            columns(STRING(), STRING(), STRING()),
            ResolvedSchema.of(Column.physical("route", STRING())),
            ResolvedSchema.of(
                Column.physical("text", STRING()), Column.physical("route", INT())))) {
      assertThatThrownBy(() -> ModelSchema.of(input, TestModels.SCORE, true))
          .isInstanceOf(ValidationException.class)
          .hasMessageStartingWith("Invalid input of a cross-encoder model: (")
          .hasMessageContaining("one more column route STRING");
    }
  }

  @Test
  void otherInputsAreRefused() {
    for (ResolvedSchema input :
        List.of(
            columns(INT()),
            columns(ARRAY(STRING())),
            columns(STRING(), STRING(), STRING()),
            columns(STRING(), INT()),
            columns(ARRAY(STRING()), ARRAY(STRING())),
            columns(STRING(), ARRAY(INT())),
            columns())) {
      assertThatThrownBy(() -> ModelSchema.of(input, TestModels.SCORE, false))
          .isInstanceOf(ValidationException.class)
          .hasMessageStartingWith("Invalid input of a cross-encoder model: ")
          .hasMessageEndingWith(
              "It must be two columns of type STRING, such as (query STRING, passage STRING), or one of type STRING and one of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>), or one column of type STRING to classify. With several models (models.NAME.model), there is one more column route STRING, the name of the row's model.");
    }
    assertThatThrownBy(() -> ModelSchema.of(columns(STRING(), INT()), TestModels.SCORE, false))
        .hasMessageContaining("(c0 STRING, c1 INT)");
  }

  @Test
  void aColumnOfAnotherTypeIsRefusedWithTheTypeThatFits() {
    assertThatThrownBy(() -> pairs(output("score", STRING())))
        .isInstanceOf(ValidationException.class)
        .hasMessage(
            "Invalid output column score STRING of a cross-encoder model. It must be score FLOAT or DOUBLE.");
    assertThatThrownBy(() -> pairs(output("scores", MAP(INT(), FLOAT()))))
        .hasMessageEndingWith("It must be scores MAP<STRING, FLOAT>.");
    assertThatThrownBy(() -> pairs(output("logits", ARRAY(INT()))))
        .hasMessageEndingWith("It must be logits ARRAY<FLOAT>.");
    assertThatThrownBy(() -> pairs(output("label", VARCHAR(3))))
        .hasMessageEndingWith("It must be label STRING.");
    assertThatThrownBy(() -> pairs(output("truncated", INT())))
        .hasMessageEndingWith("It must be truncated BOOLEAN.");
    assertThatThrownBy(() -> documents(output("index", BIGINT())))
        .hasMessageEndingWith("It must be index INT.");
    assertThatThrownBy(() -> documents(output("results", ARRAY(STRING()))))
        .hasMessageEndingWith(
            "It must be results ARRAY<ROW<index INT, score FLOAT, document STRING>>.");
  }

  @Test
  void aColumnOfAnotherNameIsRefusedWithTheNamesThatFit() {
    assertThatThrownBy(() -> pairs(output("socre", FLOAT())))
        .hasMessage(
            "Invalid output column socre FLOAT of a cross-encoder model. Did you mean score? The columns are known by their names; with this input they can be: score FLOAT or DOUBLE, label STRING, scores MAP<STRING, FLOAT>, logits ARRAY<FLOAT>, truncated BOOLEAN, revision STRING, error STRING.");
    assertThatThrownBy(() -> pairs(output("results", results())))
        .hasMessageContaining("with this input they can be: score FLOAT or DOUBLE, label STRING");
    assertThatThrownBy(() -> documents(output("label", STRING())))
        .hasMessageContaining("with this input they can be: index INT, score FLOAT or DOUBLE");
    assertThatThrownBy(() -> documents(output("results", ARRAY(ROW(FIELD("idx", INT()))))))
        .hasMessageStartingWith("Invalid field of results idx INT of a cross-encoder model.");
  }

  @Test
  void aColumnThatCanBeNullMustSaySo() {
    assertThatThrownBy(() -> pairs(output("score", FLOAT().notNull())))
        .hasMessage(
            "Invalid output column score FLOAT NOT NULL of a cross-encoder model: a row whose input is NULL has the output NULL. Declare it without NOT NULL.");
    assertThatThrownBy(
            () -> documents(output("results", ARRAY(ROW(FIELD("score", FLOAT().notNull()))))))
        .hasMessageStartingWith("Invalid field of results score FLOAT NOT NULL");
    assertThat(
            documents(
                    output(
                        "results",
                        ARRAY(
                            ROW(FIELD("index", INT().notNull()), FIELD("score", FLOAT()))
                                .notNull())))
                .resultFields())
        .hasSize(2);
  }

  @Test
  void anOutputWithoutAScoreIsRefused() {
    assertThatThrownBy(() -> pairs(output("error", STRING())))
        .hasMessageStartingWith(
            "Invalid output of a cross-encoder model: it has no column for a score.");
    assertThatThrownBy(() -> pairs(columns()))
        .hasMessageContaining("Declare one or more of: score FLOAT or DOUBLE");
  }
}
