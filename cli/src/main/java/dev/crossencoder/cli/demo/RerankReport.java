package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Formats a ranked record: the place of each document after and before and, of long documents, the
 * evidence.
 */
final class RerankReport {
  private static final int TEXT_WIDTH = 72;

  private RerankReport() {}

  private record Row(int rank, int before, double score, String place, String text) {
    private String movement() {
      if (before == rank) {
        return before + " =";
      }
      return before + (before > rank ? " ↑" : " ↓") + Math.abs(before - rank);
    }
  }

  /**
   * Returns the query and a table.
   *
   * @param record a record of the output topic
   */
  static String of(JsonNode record) {
    List<Row> rows = new ArrayList<>();
    for (JsonNode result : record.path("cross_encoder").path("results")) {
      int index = result.path("index").intValue();
      String document = record.path("documents").path(index).asText();
      JsonNode evidence = result.path("evidence");
      if (evidence.isMissingNode()) {
        evidence = result.path("best_chunk");
      }
      int start = evidence.path("start").asInt(0);
      int end = evidence.path("end").asInt(document.length());
      rows.add(
          new Row(
              rows.size() + 1,
              index + 1,
              result.path("relevance_score").doubleValue(),
              "%d–%d of %d".formatted(start, end, document.length()),
              document.substring(start, end)));
    }
    boolean isLong = record.path("cross_encoder").path("results").findValue("best_chunk") != null;
    List<ColumnData<Row>> columns = new ArrayList<>();
    columns.add(column("rank", HorizontalAlign.RIGHT, row -> String.valueOf(row.rank())));
    columns.add(column("before", HorizontalAlign.LEFT, Row::movement));
    columns.add(
        column(
            "score",
            HorizontalAlign.RIGHT,
            row -> String.format(Locale.ROOT, "%.3f", row.score())));
    if (isLong) {
      columns.add(column("characters", HorizontalAlign.LEFT, Row::place));
    }
    columns.add(
        column(isLong ? "evidence" : "document", HorizontalAlign.LEFT, row -> shorten(row.text())));
    return "Query: "
        + record.path("query").asText()
        + System.lineSeparator()
        + AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, rows, columns)
        + System.lineSeparator();
  }

  private static String shorten(String text) {
    int end =
        text.offsetByCodePoints(0, Math.min(TEXT_WIDTH, text.codePointCount(0, text.length())));
    return end == text.length() ? text : text.substring(0, end) + "…";
  }

  private static ColumnData<Row> column(
      String header, HorizontalAlign align, Function<Row, String> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(align)
        .maxWidth(TEXT_WIDTH + 4)
        .with(value);
  }
}
