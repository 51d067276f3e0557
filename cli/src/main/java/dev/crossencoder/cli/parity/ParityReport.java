package dev.crossencoder.cli.parity;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Formats comparisons as a table, followed by the number that hold. */
final class ParityReport {
  private static final int TEXT_WIDTH = 26;

  private ParityReport() {}

  static String of(List<Comparison> comparisons) {
    String table =
        AsciiTable.getTable(
                AsciiTable.NO_BORDERS,
                comparisons,
                List.of(
                    column("first text", HorizontalAlign.LEFT, row -> shortened(row.pair().text())),
                    column(
                        "second text",
                        HorizontalAlign.LEFT,
                        row -> shortened(row.pair().textPair())),
                    column("expected", HorizontalAlign.RIGHT, Comparison::expected),
                    column("together", HorizontalAlign.RIGHT, Comparison::together),
                    column("alone", HorizontalAlign.RIGHT, Comparison::alone),
                    column("difference", HorizontalAlign.RIGHT, row -> text(row.difference())),
                    column("allowed", HorizontalAlign.RIGHT, row -> text(row.allowed())),
                    column("", HorizontalAlign.LEFT, row -> row.holds() ? "ok" : "off")))
            .lines()
            .map(String::stripTrailing)
            .collect(Collectors.joining(System.lineSeparator()));
    return table + System.lineSeparator() + summary(comparisons) + System.lineSeparator();
  }

  private static String summary(List<Comparison> comparisons) {
    long held = comparisons.stream().filter(Comparison::holds).count();
    String counts =
        held == comparisons.size()
            ? "All %d values are within the tolerance, scored together and alone.".formatted(held)
            : "%d of %d values are outside the tolerance."
                .formatted(comparisons.size() - held, comparisons.size());
    return comparisons.stream()
        .filter(comparison -> comparison.difference().isPresent())
        .max(Comparator.comparingDouble(Comparison::usedUp))
        .map(
            worst ->
                counts
                    + " Largest difference: %s, tolerance: %s."
                        .formatted(text(worst.difference()), text(worst.allowed())))
        .orElse(counts);
  }

  private static ColumnData<Comparison> column(
      String header, HorizontalAlign align, Function<Comparison, String> value) {
    return new Column().header(header).headerAlign(align).dataAlign(align).with(value);
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.1e", value.getAsDouble()) : "";
  }

  /** Returns a text as one line of bounded width, because a golden may contain any characters. */
  private static String shortened(String text) {
    String line = text.replaceAll("\\s+", " ");
    if (line.codePointCount(0, line.length()) <= TEXT_WIDTH) {
      return line;
    }
    return line.substring(0, line.offsetByCodePoints(0, TEXT_WIDTH - 1)) + "…";
  }
}
