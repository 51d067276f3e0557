package dev.crossencoder.cli.catalog;

import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.ModelCatalog;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Writes {@code docs/catalog.md} from the catalog itself. */
final class CatalogPage {
  private CatalogPage() {}

  static String text() {
    List<CatalogEntry> entries = ModelCatalog.load().entries();
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Catalog

        <!-- Generated from the catalog. After changing it, regenerate this page with
             ./mvnw verify -Dtest=CatalogPageTest -Dcatalog-page.write -Dsurefire.failIfNoSpecifiedTests=false -pl cli -am -DskipITs -->

        This page lists pretrained cross-encoders by task. `cross-encoder models` prints the same list. The list helps to choose a
        model; models that are not listed work in the same way. Labels, activation and length of a model are always read from its own
        configuration.

        All figures were published by others. None was measured by this project, because the hub was not reachable during development.

        - Quality is on a scale from 0 to 100.
        - A speed applies only to the hardware that it names.
        - The number of parameters is calculated from the published configuration and includes the head, unless a note says otherwise.
        """);
    for (CatalogTable table : CatalogReport.tables(entries)) {
      section(page, table);
    }
    otherFigures(page, entries);
    sources(page, entries);
    return page.toString();
  }

  private static void section(StringBuilder page, CatalogTable table) {
    page.append("%n## %s%n%n".formatted(table.task().key()));
    page.append("Meaning of the score: %s. ".formatted(table.task().description()));
    page.append("Published figures: %s.%n".formatted(String.join("; ", table.figures())));
    if (!table.commonLabels().isEmpty()) {
      page.append("Labels: %s.%n".formatted(String.join(", ", table.commonLabels())));
    }
    List<String> headers = new ArrayList<>();
    List<String> rules = new ArrayList<>();
    for (CatalogTable.Column column : table.columns()) {
      headers.add(column.header().replace('\n', ' '));
      rules.add(column.kind() == CatalogTable.Kind.NUMBERS ? "--:" : "---");
    }
    headers.addAll(List.of("licence", "former name"));
    rules.addAll(List.of("---", "---"));
    page.append("%n| %s |%n".formatted(String.join(" | ", headers)));
    page.append("|%s|%n".formatted(String.join("|", rules)));
    for (CatalogEntry entry : table.entries()) {
      List<String> cells = new ArrayList<>();
      table.columns().forEach(column -> cells.add(column.value().apply(entry)));
      cells.set(0, "[%s](https://huggingface.co/%s)".formatted(entry.name(), entry.name()));
      cells.add(entry.licence());
      cells.add(String.join(", ", entry.formerNames()));
      page.append("| %s |%n".formatted(String.join(" | ", cells)));
    }
    Set<String> notes = new LinkedHashSet<>();
    table.entries().forEach(entry -> entry.note().ifPresent(notes::add));
    for (String note : notes) {
      List<String> names =
          table.entries().stream()
              .filter(entry -> entry.note().filter(note::equals).isPresent())
              .map(CatalogEntry::name)
              .toList();
      page.append("%n%s: %s%n".formatted(String.join(", ", names), note));
    }
  }

  /** What only some models of a task have. */
  private static void otherFigures(StringBuilder page, List<CatalogEntry> entries) {
    page.append("\n## Other published figures\n\n| name | figure | value |\n|---|---|--:|\n");
    for (CatalogTable table : CatalogReport.tables(entries)) {
      for (CatalogEntry entry : table.entries()) {
        entry
            .quality()
            .forEach(
                figure ->
                    row(
                        page,
                        table,
                        entry,
                        "%s on %s".formatted(figure.metric(), figure.dataset()),
                        String.format(Locale.ROOT, "%.2f", figure.value())));
        entry
            .throughput()
            .forEach(
                figure ->
                    row(
                        page,
                        table,
                        entry,
                        "docs/s on " + figure.hardware(),
                        String.valueOf(figure.documentsPerSecond())));
      }
    }
  }

  private static void row(
      StringBuilder page, CatalogTable table, CatalogEntry entry, String figure, String value) {
    if (!table.figures().contains(figure)) {
      page.append("| %s | %s | %s |%n".formatted(entry.name(), figure, value));
    }
  }

  private static void sources(StringBuilder page, List<CatalogEntry> entries) {
    page.append("\n## Sources\n\n");
    Set<String> sources = new LinkedHashSet<>();
    for (CatalogEntry entry : entries) {
      entry.quality().forEach(figure -> sources.add(figure.source()));
      entry.throughput().forEach(figure -> sources.add(figure.source()));
    }
    sources.forEach(source -> page.append("- %s%n".formatted(source)));
    page.append(
        """
        - Labels, activations, lengths and licences: each model's card and configuration, collected from published copies.

        `cross-encoder models --json` names the source of every figure.
        """);
  }
}
