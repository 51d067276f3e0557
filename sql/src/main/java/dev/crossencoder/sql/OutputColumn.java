package dev.crossencoder.sql;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * A column, or a field of a nested row, that the model fills.
 *
 * @param kind what it contains
 * @param doubles whether its numbers are of type DOUBLE instead of FLOAT
 */
record OutputColumn(Kind kind, boolean doubles) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a column contains. Its name is that of the constant in lower case. */
  enum Kind {
    SCORE("score FLOAT or DOUBLE"),
    LABEL("label STRING"),
    SCORES("scores MAP<STRING, FLOAT>"),
    LOGITS("logits ARRAY<FLOAT>"),
    TRUNCATED("truncated BOOLEAN"),
    REVISION("revision STRING"),
    ERROR("error STRING"),
    INDEX("index INT"),
    STAGE("stage INT"),
    DOCUMENT("document STRING"),
    RESULTS("results ARRAY<ROW<index INT, score FLOAT, document STRING>>");

    private final String declaration;

    Kind(String declaration) {
      this.declaration = declaration;
    }

    /** The column as it is declared. */
    String declaration() {
      return declaration;
    }

    String columnName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Kind> of(String name) {
      return Arrays.stream(values()).filter(kind -> kind.columnName().equals(name)).findFirst();
    }

    static String declarations(List<Kind> kinds) {
      return kinds.stream().map(Kind::declaration).collect(Collectors.joining(", "));
    }

    /** Returns whether a column of the type can be filled; does not look at nested rows. */
    private boolean fits(LogicalType type) {
      return switch (this) {
        case SCORE -> isNumber(type);
        case LABEL, REVISION, ERROR, DOCUMENT -> isString(type);
        case SCORES ->
            type instanceof MapType map
                && isString(map.getKeyType())
                && isNumber(map.getValueType());
        case LOGITS -> type instanceof ArrayType array && isNumber(array.getElementType());
        case TRUNCATED -> type.is(LogicalTypeRoot.BOOLEAN);
        case INDEX, STAGE -> type.is(LogicalTypeRoot.INTEGER);
        case RESULTS ->
            type instanceof ArrayType array && array.getElementType().is(LogicalTypeRoot.ROW);
      };
    }
  }

  /** Returns the column of a kind and a type, or nothing if the type does not fit. */
  static Optional<OutputColumn> of(Kind kind, LogicalType type) {
    return kind.fits(type)
        ? Optional.of(new OutputColumn(kind, number(kind, type).is(LogicalTypeRoot.DOUBLE)))
        : Optional.empty();
  }

  private static LogicalType number(Kind kind, LogicalType type) {
    return switch (kind) {
      case SCORES -> ((MapType) type).getValueType();
      case LOGITS -> ((ArrayType) type).getElementType();
      default -> type;
    };
  }

  /**
   * Returns whether a type is a string of any length. A shorter CHAR or VARCHAR than the text would
   * not be cut by Flink, so only the unlimited one is one.
   */
  private static boolean isString(LogicalType type) {
    return type.is(LogicalTypeRoot.VARCHAR)
        && ((VarCharType) type).getLength() == VarCharType.MAX_LENGTH;
  }

  private static boolean isNumber(LogicalType type) {
    return type.is(LogicalTypeRoot.FLOAT) || type.is(LogicalTypeRoot.DOUBLE);
  }
}
