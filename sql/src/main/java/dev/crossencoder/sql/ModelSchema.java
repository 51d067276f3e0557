package dev.crossencoder.sql;

import dev.crossencoder.model.io.EditDistance;
import dev.crossencoder.sql.OutputColumn.Kind;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType;

/**
 * The input and output of a model as they are declared, checked by type and name.
 *
 * @param shape what a row is and becomes
 * @param firstText the position of the first text, of the query, or of the only text
 * @param second the position of the second text, or of the documents; that of the only text if
 *     there is no other column
 * @param route the position of the name of the row's model; {@link #NO_ROUTE} if there is one model
 * @param columns the output columns, in their order
 * @param resultFields the fields of the rows in {@code results}, in their order; empty for other
 *     shapes
 */
record ModelSchema(
    Shape shape,
    int firstText,
    int second,
    int route,
    List<OutputColumn> columns,
    List<OutputColumn> resultFields)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Rows do not choose among models. */
  static final int NO_ROUTE = -1;

  private static final String ROUTE = "route";

  private static final List<Kind> PAIR_COLUMNS =
      List.of(
          Kind.SCORE,
          Kind.LABEL,
          Kind.SCORES,
          Kind.LOGITS,
          Kind.TRUNCATED,
          Kind.REVISION,
          Kind.ERROR);
  private static final List<Kind> DOCUMENT_COLUMNS =
      List.of(
          Kind.INDEX,
          Kind.SCORE,
          Kind.DOCUMENT,
          Kind.TRUNCATED,
          Kind.STAGE,
          Kind.REVISION,
          Kind.ERROR);
  private static final List<Kind> ARRAY_COLUMNS = List.of(Kind.RESULTS, Kind.REVISION, Kind.ERROR);
  private static final List<Kind> RESULT_FIELDS =
      List.of(Kind.INDEX, Kind.SCORE, Kind.DOCUMENT, Kind.TRUNCATED, Kind.STAGE);

  private static final List<Kind> CLASSIFY_COLUMNS =
      List.of(Kind.LABEL, Kind.SCORE, Kind.SCORES, Kind.TRUNCATED, Kind.REVISION, Kind.ERROR);

  private static final String INPUTS =
      "It must be two columns of type STRING, such as (query STRING, passage STRING), or one of type STRING and one of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>), or one column of type STRING to classify. With several models (models.NAME.model), there is one more column route STRING, the name of the row's model.";

  /** What a row is and becomes. */
  enum Shape {
    /** Two texts become one row. */
    PAIR,
    /** A query and documents become one row a document. */
    DOCUMENT_ROWS,
    /** A query and documents become one row with an array. */
    DOCUMENT_ARRAY,
    /** A text becomes one row with the scores of the labels that the options name. */
    CLASSIFY;

    boolean hasDocuments() {
      return this == DOCUMENT_ROWS || this == DOCUMENT_ARRAY;
    }

    private List<Kind> columns() {
      return switch (this) {
        case PAIR -> PAIR_COLUMNS;
        case DOCUMENT_ROWS -> DOCUMENT_COLUMNS;
        case DOCUMENT_ARRAY -> ARRAY_COLUMNS;
        case CLASSIFY -> CLASSIFY_COLUMNS;
      };
    }
  }

  ModelSchema {
    columns = List.copyOf(columns);
    resultFields = List.copyOf(resultFields);
  }

  /**
   * Checks the declared columns of a model.
   *
   * @param routed whether a column of the input has the name of the row's model
   * @throws ValidationException if they do not fit; the message says what would
   */
  static ModelSchema of(ResolvedSchema input, ResolvedSchema output, boolean routed) {
    int route = routed ? route(input) : NO_ROUTE;
    List<Integer> inputs =
        IntStream.range(0, input.getColumnCount()).filter(i -> i != route).boxed().toList();
    Shape shape = shape(input, inputs, output);
    List<OutputColumn> columns = new ArrayList<>();
    List<OutputColumn> resultFields = new ArrayList<>();
    for (Column column : output.getColumns()) {
      LogicalType type = column.getDataType().getLogicalType();
      columns.add(column("output column", column.getName(), type, shape.columns()));
      if (!type.isNullable()) {
        throw new ValidationException(
            "Invalid output column %s %s of a cross-encoder model: a row whose input is NULL has the output NULL. Declare it without NOT NULL."
                .formatted(column.getName(), type.asSummaryString()));
      }
      if (column.getName().equals(Kind.RESULTS.columnName())) {
        resultFields.addAll(resultFields(type));
      }
    }
    if (columns.stream().allMatch(column -> column.kind() == Kind.ERROR)) {
      throw new ValidationException(
          "Invalid output of a cross-encoder model: it has no column for a score. Declare one or more of: %s."
              .formatted(Kind.declarations(shape.columns())));
    }
    int text = isText(input.getColumns().get(inputs.get(0))) ? 0 : 1;
    int other = shape == Shape.CLASSIFY ? text : 1 - text;
    return new ModelSchema(
        shape, inputs.get(text), inputs.get(other), route, columns, resultFields);
  }

  private static int route(ResolvedSchema input) {
    for (int i = 0; i < input.getColumnCount(); i++) {
      Column column = input.getColumns().get(i);
      if (column.getName().equals(ROUTE) && isText(column)) {
        return i;
      }
    }
    throw invalidInput(input);
  }

  /**
   * Returns what a row is and becomes.
   *
   * @param texts the positions of the columns with texts
   */
  private static Shape shape(ResolvedSchema input, List<Integer> texts, ResolvedSchema output) {
    List<Column> columns = texts.stream().map(input.getColumns()::get).toList();
    if (columns.size() == 1 && isText(columns.get(0))) {
      return Shape.CLASSIFY;
    }
    if (columns.size() != 2) {
      throw invalidInput(input);
    }
    boolean firstIsText = isText(columns.get(0));
    boolean secondIsText = isText(columns.get(1));
    if (firstIsText && secondIsText) {
      return Shape.PAIR;
    }
    boolean documents =
        (firstIsText && isTexts(columns.get(1))) || (secondIsText && isTexts(columns.get(0)));
    if (!documents) {
      throw invalidInput(input);
    }
    boolean array =
        output.getColumns().stream()
            .anyMatch(column -> column.getName().equals(Kind.RESULTS.columnName()));
    return array ? Shape.DOCUMENT_ARRAY : Shape.DOCUMENT_ROWS;
  }

  private static List<OutputColumn> resultFields(LogicalType type) {
    RowType row = (RowType) ((ArrayType) type).getElementType();
    List<OutputColumn> fields = new ArrayList<>();
    for (RowType.RowField field : row.getFields()) {
      fields.add(column("field of results", field.getName(), field.getType(), RESULT_FIELDS));
      boolean neverNull = field.getName().equals(Kind.INDEX.columnName());
      if (!field.getType().isNullable() && !neverNull) {
        throw new ValidationException(
            "Invalid field of results %s %s of a cross-encoder model: a document that is NULL has the score NULL. Declare it without NOT NULL."
                .formatted(field.getName(), field.getType().asSummaryString()));
      }
    }
    return fields;
  }

  private static OutputColumn column(
      String what, String name, LogicalType type, List<Kind> allowed) {
    Optional<Kind> kind = Kind.of(name).filter(allowed::contains);
    return kind.flatMap(known -> OutputColumn.of(known, type))
        .orElseThrow(
            () ->
                new ValidationException(
                    "Invalid %s %s %s of a cross-encoder model. %s"
                        .formatted(
                            what, name, type.asSummaryString(), wanted(name, kind, allowed))));
  }

  private static String wanted(String name, Optional<Kind> kind, List<Kind> allowed) {
    if (kind.isPresent()) {
      return "It must be %s.".formatted(kind.get().declaration());
    }
    List<String> nearest =
        EditDistance.nearest(name, allowed.stream().map(Kind::columnName).toList());
    String suggestion =
        nearest.isEmpty() ? "" : "Did you mean %s? ".formatted(String.join(" or ", nearest));
    return "%sThe columns are known by their names; with this input they can be: %s."
        .formatted(suggestion, Kind.declarations(allowed));
  }

  private static ValidationException invalidInput(ResolvedSchema input) {
    return new ValidationException(
        "Invalid input of a cross-encoder model: %s. %s"
            .formatted(
                input.getColumns().stream()
                    .map(
                        column ->
                            column.getName()
                                + " "
                                + column.getDataType().getLogicalType().asSummaryString())
                    .collect(Collectors.joining(", ", "(", ")")),
                INPUTS));
  }

  private static boolean isText(Column column) {
    return column.getDataType().getLogicalType().is(LogicalTypeFamily.CHARACTER_STRING);
  }

  private static boolean isTexts(Column column) {
    return column.getDataType().getLogicalType() instanceof ArrayType array
        && array.getElementType().is(LogicalTypeFamily.CHARACTER_STRING);
  }
}
