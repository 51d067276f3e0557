package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Formats classified records: the best two labels of each text. */
final class ClassifyReport {
  private static final int TEXT_WIDTH = 80;

  private ClassifyReport() {}

  /**
   * Returns a table.
   *
   * @param records records of the output topic
   */
  static String of(List<JsonNode> records) {
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        records,
        List.of(
            column("text", HorizontalAlign.LEFT, record -> record.path("text").asText()),
            column("label", HorizontalAlign.LEFT, record -> label(record, 0)),
            column("score", HorizontalAlign.RIGHT, record -> score(record, 0)),
            column("next label", HorizontalAlign.LEFT, record -> label(record, 1)),
            column("score", HorizontalAlign.RIGHT, record -> score(record, 1))));
  }

  private static String label(JsonNode record, int place) {
    return record.path("cross_encoder").path("labels").path(place).asText();
  }

  private static String score(JsonNode record, int place) {
    return String.format(
        Locale.ROOT, "%.3f", record.path("cross_encoder").path("scores").path(place).doubleValue());
  }

  private static ColumnData<JsonNode> column(
      String header, HorizontalAlign align, Function<JsonNode, String> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(align)
        .maxWidth(TEXT_WIDTH)
        .with(value);
  }
}
