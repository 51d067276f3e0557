package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats a report as text for a terminal, and as Markdown. */
final class ReportText {
  private final Report report;

  ReportText(Report report) {
    this.report = report;
  }

  /** Returns the report for a terminal, without its notes. */
  String plain() {
    StringBuilder text = new StringBuilder(title()).append('\n').append(TextTable.of(figures()));
    if (!report.labels().isEmpty()) {
      text.append("\nPairs by gold label (rows) and predicted label (columns):\n");
      text.append(TextTable.of(confusion()));
    }
    thresholds().forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** Returns the report as Markdown. */
  String markdown() {
    StringBuilder text =
        new StringBuilder(escaped(title())).append("\n\n").append(markdown(figures()));
    if (!report.labels().isEmpty()) {
      text.append("\nPairs by gold label (rows) and predicted label (columns):\n\n");
      text.append(markdown(confusion()));
    }
    List<String> sentences = new ArrayList<>(thresholds());
    sentences.addAll(report.notes());
    if (!sentences.isEmpty()) {
      text.append('\n');
      sentences.forEach(sentence -> text.append("- ").append(escaped(sentence)).append('\n'));
    }
    return text.toString();
  }

  private String title() {
    String counts =
        report.counts().entrySet().stream()
            .map(count -> "%,d %s".formatted(count.getValue(), count.getKey()))
            .collect(Collectors.joining(", "));
    return "%s of %s: %s"
        .formatted(
            report.task(),
            report.system().title()
                + report.compared().map(other -> " (A) and " + other.title() + " (B)").orElse(""),
            counts);
  }

  /** Returns the figures as a table, whose first line has the names of the columns. */
  private List<List<String>> figures() {
    boolean before = report.rows().stream().anyMatch(row -> row.before() != null);
    boolean published = report.rows().stream().anyMatch(row -> row.published() != null);
    boolean compared = report.compared().isPresent();
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("figure"));
    if (before) {
      header.add("before");
    }
    header.add(compared ? "A" : before ? "after" : "value");
    if (compared) {
      header.addAll(List.of("B", "B - A", "95 % interval", "p"));
    } else if (before) {
      header.add("change");
    }
    if (published) {
      header.addAll(List.of("published", "difference"));
    }
    lines.add(header);
    for (Report.Row row : report.rows()) {
      List<String> line = new ArrayList<>(List.of(row.name()));
      if (before) {
        line.add(number(row.before()));
      }
      line.add(number(row.value()));
      if (compared) {
        line.add(number(row.other()));
        line.add(signed(row.difference().value()));
        line.add(signed(row.difference().low()) + " to " + signed(row.difference().high()));
        line.add(number(row.difference().pValue()));
      } else if (before) {
        line.add(signed(row.value() - row.before()));
      }
      if (published) {
        line.add(row.published() == null ? "" : number(row.published()));
        line.add(row.published() == null ? "" : signed(row.value() - row.published()));
      }
      lines.add(line);
    }
    return lines;
  }

  /** Returns the confusion matrix as a table, whose first line has the names of the columns. */
  private List<List<String>> confusion() {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("gold"));
    // A line break in a label would break the table.
    List<String> labels =
        report.labels().stream().map(label -> label.replaceAll("\\s+", " ")).toList();
    header.addAll(labels);
    lines.add(header);
    for (int i = 0; i < report.labels().size(); i++) {
      List<String> line = new ArrayList<>(List.of(labels.get(i)));
      report.confusion().get(i).forEach(count -> line.add("%,d".formatted(count)));
      lines.add(line);
    }
    return lines;
  }

  private List<String> thresholds() {
    return report.thresholds().entrySet().stream()
        .map(
            entry ->
                "%s is reached with the threshold %s."
                    .formatted(entry.getKey(), number(entry.getValue())))
        .toList();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
  }

  /** Labels and names of models are shown as they are, whatever Markdown makes of them. */
  private static String escaped(String text) {
    return text.replaceAll("\\s+", " ")
        .replaceAll("([\\\\|`*\\[\\]])", "\\\\$1")
        .replace("&", "&amp;")
        .replace("<", "&lt;");
  }

  private static String markdown(List<List<String>> table) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < table.size(); i++) {
      List<String> line = table.get(i);
      text.append("| ")
          .append(line.stream().map(ReportText::escaped).collect(Collectors.joining(" | ")))
          .append(" |\n");
      if (i == 0) {
        text.append("|---|").append("---:|".repeat(line.size() - 1)).append('\n');
      }
    }
    return text.toString();
  }
}
