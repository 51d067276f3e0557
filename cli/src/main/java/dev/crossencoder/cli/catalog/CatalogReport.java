package dev.crossencoder.cli.catalog;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.CatalogTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Formats the catalog as text: a table for each task, then the sources of the figures. */
final class CatalogReport {
  private static final String MARK = "*";

  private CatalogReport() {}

  /** Returns one table for each task for which there is a model. */
  static List<CatalogTable> tables(List<CatalogEntry> entries) {
    return Arrays.stream(CatalogTask.values())
        .map(task -> entries.stream().filter(entry -> entry.task() == task).toList())
        .filter(ofTask -> !ofTask.isEmpty())
        .map(ofTask -> CatalogTable.of(ofTask.get(0).task(), ofTask))
        .toList();
  }

  static String of(List<CatalogEntry> entries) {
    List<String> lines = new ArrayList<>();
    Set<String> sources = new LinkedHashSet<>();
    for (CatalogTable table : tables(entries)) {
      lines.addAll(section(table));
      lines.add("");
      sources.addAll(table.sources());
    }
    lines.add(
        "All figures were published by others; none was measured here. Quality is on a scale from 0 to 100. Sources:");
    sources.forEach(source -> lines.add("  " + source));
    lines.add("--json writes all data, with the source of each figure, former names and licences.");
    lines.add("To use a model:");
    lines.add("  cross-encoder pull NAME");
    lines.add("  cross-encoder score --model NAME pairs.jsonl");
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  private static List<String> section(CatalogTable table) {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s".formatted(table.task().key(), table.task().description()));
    lines.add(String.join("; ", table.figures()));
    if (!table.commonLabels().isEmpty()) {
      lines.add("labels: " + String.join(", ", table.commonLabels()));
    }
    List<String> notes =
        table.entries().stream().flatMap(entry -> entry.note().stream()).distinct().toList();
    lines.addAll(rows(table, notes));
    for (int i = 0; i < notes.size(); i++) {
      lines.add(" %s %s".formatted(MARK.repeat(i + 1), notes.get(i)));
    }
    return lines;
  }

  private static List<String> rows(CatalogTable table, List<String> notes) {
    CatalogTable.Column name = table.columns().get(0);
    List<ColumnData<CatalogEntry>> columns = new ArrayList<>();
    for (CatalogTable.Column column : table.columns()) {
      columns.add(
          new Column()
              .header(column.header())
              .headerAlign(align(column))
              .dataAlign(align(column))
              .with(
                  entry ->
                      column.equals(name)
                          ? name.value().apply(entry) + mark(entry, notes)
                          : column.value().apply(entry)));
    }
    return AsciiTable.getTable(AsciiTable.NO_BORDERS, table.entries(), columns)
        .lines()
        .map(String::stripTrailing)
        .toList();
  }

  private static String mark(CatalogEntry entry, List<String> notes) {
    return entry.note().map(note -> " " + MARK.repeat(notes.indexOf(note) + 1)).orElse("");
  }

  private static HorizontalAlign align(CatalogTable.Column column) {
    return column.kind() == CatalogTable.Kind.NUMBERS
        ? HorizontalAlign.RIGHT
        : HorizontalAlign.LEFT;
  }
}
