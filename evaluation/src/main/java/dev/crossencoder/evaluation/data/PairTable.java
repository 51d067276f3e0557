package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The rows of a table. Owned by one thread. */
final class PairTable {
  private final PairCollector collector;
  private final Problems tooLong =
      new Problems(
          "%,d rows have more cells than there are columns",
          "A separator in a text needs quotes in .csv, and cannot be written in a table with tabs.");
  private final TextFile file;
  private final PairColumns columns;
  private List<String> names;
  private PairPlaces places;

  PairTable(TextFile file, PairColumns columns) {
    this.collector = new PairCollector(columns);
    this.file = file;
    this.columns = columns;
  }

  /**
   * Returns the pairs of all rows.
   *
   * @throws InvalidDataException if a row is not complete or has too many cells
   */
  List<LabelledPair> pairs() {
    tooLong.throwIfAny(file);
    return collector.pairs(file);
  }

  private void checkNames() {
    List<String> repeated =
        names.stream()
            .filter(name -> !name.isBlank() && Collections.frequency(names, name) > 1)
            .distinct()
            .toList();
    if (!repeated.isEmpty()) {
      throw new InvalidDataException(
          "Cannot read %s, it has several columns with the name %s. Rename them, or use --no-header with numbers."
              .formatted(file.path(), repeated.get(0)));
    }
  }

  /** Adds a row; the first one has the names, unless the columns have none. */
  void row(List<String> values, long line) {
    if (names == null) {
      names =
          columns.header()
              ? values
              : Stream.iterate(1, i -> i + 1).limit(values.size()).map(String::valueOf).toList();
      places =
          PairPlaces.find(
              file,
              columns,
              names::contains,
              Function.identity(),
              "the columns " + String.join(", ", names));
      if (columns.header()) {
        checkNames();
        return;
      }
    }
    if (columns.header()
        && values.stream().skip(names.size()).anyMatch(value -> !value.isBlank())) {
      tooLong.add("line " + line);
    }
    collector.add(
        places.pair(
            place -> {
              int index = names.indexOf(place);
              return index < values.size() ? values.get(index) : null;
            }),
        "line " + line);
  }
}
