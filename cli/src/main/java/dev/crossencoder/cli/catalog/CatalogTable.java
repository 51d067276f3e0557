package dev.crossencoder.cli.catalog;

import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.CatalogTask;
import dev.crossencoder.model.catalog.PublishedQuality;
import dev.crossencoder.model.catalog.PublishedThroughput;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The models of one task as a text table. A published figure is a column only if every model of the
 * task has it, so that the values of a column are comparable.
 *
 * @param task the task
 * @param entries its models
 * @param columns the columns
 */
record CatalogTable(CatalogTask task, List<CatalogEntry> entries, List<Column> columns) {
  private static final double MILLION = 1e6;
  private static final double BILLION = 1e9;

  /**
   * A column.
   *
   * @param header one or two lines
   * @param kind the kind of content
   * @param value returns the text for a model
   */
  record Column(String header, Kind kind, Function<CatalogEntry, String> value) {}

  /** The kinds of column content. */
  enum Kind {
    WORDS,
    NUMBERS
  }

  static CatalogTable of(CatalogTask task, List<CatalogEntry> entries) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("name", Kind.WORDS, CatalogEntry::name));
    columns.add(new Column("architecture", Kind.WORDS, CatalogEntry::architecture));
    columns.add(new Column("parameters", Kind.NUMBERS, CatalogTable::parameters));
    columns.add(new Column("labels", Kind.NUMBERS, entry -> String.valueOf(entry.labels().size())));
    columns.add(new Column("activation", Kind.WORDS, entry -> entry.activation().key()));
    columns.add(
        new Column("max\nlength", Kind.NUMBERS, entry -> String.valueOf(entry.maxLength())));
    for (PublishedQuality figure : commonQuality(entries)) {
      columns.add(
          new Column(
              figure.metric().replace(' ', '\n'),
              Kind.NUMBERS,
              entry ->
                  String.format(
                      Locale.ROOT, "%.2f", quality(entry, figure).orElseThrow().value())));
    }
    for (String hardware : commonHardware(entries)) {
      columns.add(
          new Column(
              "docs/s\non " + shortened(hardware),
              Kind.NUMBERS,
              entry ->
                  String.valueOf(throughput(entry, hardware).orElseThrow().documentsPerSecond())));
    }
    return new CatalogTable(task, List.copyOf(entries), List.copyOf(columns));
  }

  /** Returns the meanings of the columns of figures, such as {@code NDCG@10 on TREC DL 2019}. */
  List<String> figures() {
    List<String> figures = new ArrayList<>();
    commonQuality(entries)
        .forEach(figure -> figures.add("%s on %s".formatted(figure.metric(), figure.dataset())));
    commonHardware(entries).forEach(hardware -> figures.add("docs/s on " + hardware));
    return figures;
  }

  /** Returns the sources of the figures. */
  Set<String> sources() {
    Set<String> sources = new LinkedHashSet<>();
    for (CatalogEntry entry : entries) {
      commonQuality(entries)
          .forEach(figure -> sources.add(quality(entry, figure).orElseThrow().source()));
      commonHardware(entries)
          .forEach(hardware -> sources.add(throughput(entry, hardware).orElseThrow().source()));
    }
    return sources;
  }

  /** Returns the labels if all models have the same labels and more than one; otherwise none. */
  List<String> commonLabels() {
    List<List<String>> distinct = entries.stream().map(CatalogEntry::labels).distinct().toList();
    return distinct.size() == 1 && distinct.get(0).size() > 1 ? distinct.get(0) : List.of();
  }

  private static String parameters(CatalogEntry entry) {
    return entry.parameters() < BILLION
        ? String.format(Locale.ROOT, "%.1f M", entry.parameters() / MILLION)
        : String.format(Locale.ROOT, "%.2f B", entry.parameters() / BILLION);
  }

  private static List<PublishedQuality> commonQuality(List<CatalogEntry> entries) {
    return entries.get(0).quality().stream()
        .filter(figure -> entries.stream().allMatch(entry -> quality(entry, figure).isPresent()))
        .toList();
  }

  private static List<String> commonHardware(List<CatalogEntry> entries) {
    return entries.get(0).throughput().stream()
        .map(PublishedThroughput::hardware)
        .filter(hardware -> entries.stream().allMatch(e -> throughput(e, hardware).isPresent()))
        .toList();
  }

  private static Optional<PublishedQuality> quality(CatalogEntry entry, PublishedQuality like) {
    return entry.quality().stream()
        .filter(figure -> figure.metric().equals(like.metric()))
        .filter(figure -> figure.dataset().equals(like.dataset()))
        .findFirst();
  }

  private static Optional<PublishedThroughput> throughput(CatalogEntry entry, String hardware) {
    return entry.throughput().stream()
        .filter(figure -> figure.hardware().equals(hardware))
        .findFirst();
  }

  /** Returns the name of the hardware without the details of its use. */
  private static String shortened(String hardware) {
    int comma = hardware.indexOf(',');
    return comma < 0 ? hardware : hardware.substring(0, comma);
  }
}
