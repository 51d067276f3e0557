package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads labelled pairs. */
public final class PairFiles {
  private PairFiles() {}

  /** Reads a file with the format of its name, as {@link #read(Path, PairFormat, PairColumns)}. */
  public static List<LabelledPair> read(Path path, PairColumns columns) throws IOException {
    return read(path, PairFormat.ofFile(path), columns);
  }

  /**
   * Reads a file.
   *
   * @throws InvalidDataException if there is no pair, a column is not there, or pairs are
   *     incomplete
   */
  public static List<LabelledPair> read(Path path, PairFormat format, PairColumns columns)
      throws IOException {
    TextFile file = new TextFile(path);
    List<LabelledPair> pairs =
        switch (format) {
          case JSONL -> json(file, columns);
          case CSV -> csv(file, columns);
          case TSV -> tsv(file, columns);
        };
    if (pairs.isEmpty()) {
      throw file.empty("pair");
    }
    return pairs;
  }

  /** The places of a pair: members of objects or columns of tables. */
  private record Places(String text, String textPair, String label, String result) {
    /**
     * Finds the places.
     *
     * @param present whether a place is there
     * @param usual turns a usual name into a place
     * @param all the names that are there, for messages
     */
    static Places find(
        TextFile file,
        PairColumns columns,
        Predicate<String> present,
        Function<String, String> usual,
        String all) {
      String label =
          columns.label().orElseGet(() -> first(PairColumns.LABEL_NAMES, usual, present));
      List<String> texts =
          columns.text().isPresent()
              ? List.of(columns.text().get(), columns.textPair().orElseThrow())
              : PairColumns.TEXT_NAMES.stream()
                  .map(names -> names.stream().map(usual).toList())
                  .filter(names -> names.stream().allMatch(present))
                  .findFirst()
                  .orElse(null);
      if (columns.result().isPresent()) {
        texts = Arrays.asList(null, null);
      }
      if (texts == null) {
        throw new InvalidDataException(
            "Cannot find the two texts in %s, which has %s. Name them with --text and --text-pair."
                .formatted(file.path(), all));
      }
      if (label == null) {
        throw new InvalidDataException(
            "Cannot find the label in %s, which has %s. Name it with --gold."
                .formatted(file.path(), all));
      }
      Places places = new Places(texts.get(0), texts.get(1), label, columns.result().orElse(null));
      places
          .wanted()
          .filter(place -> !present.test(place))
          .findFirst()
          .ifPresent(
              place -> {
                throw new InvalidDataException(
                    "Cannot find %s in %s, which has %s.".formatted(place, file.path(), all));
              });
      return places;
    }

    private static String first(
        List<String> names, Function<String, String> usual, Predicate<String> present) {
      return names.stream().map(usual).filter(present).findFirst().orElse(null);
    }

    private Stream<String> wanted() {
      return Stream.of(label, text, textPair, result).filter(place -> place != null);
    }

    /** Returns the pair, or null if a part is missing, or its label or result is blank. */
    private LabelledPair pair(Function<String, String> value) {
      String gold = value.apply(label);
      if (gold == null || gold.isBlank()) {
        return null;
      }
      if (result != null) {
        String found = value.apply(result);
        return found == null || found.isBlank()
            ? null
            : new LabelledPair(null, gold.strip(), found.strip());
      }
      String first = value.apply(text);
      String second = value.apply(textPair);
      return first == null || second == null
          ? null
          : new LabelledPair(new TextPair(first, second), gold.strip(), null);
    }
  }

  /** Collects the pairs of one file. Owned by one thread. */
  private static final class Collector {
    private final List<LabelledPair> pairs = new ArrayList<>();
    private final Problems incomplete;
    private Places places;

    private Collector(PairColumns columns) {
      this.incomplete =
          new Problems(
              "%,d pairs are not complete",
              columns.result().isPresent()
                  ? "A pair has a label and a result."
                  : "A pair has two texts and a label.");
    }

    void add(LabelledPair pair, String where) {
      if (pair == null) {
        incomplete.add(where);
      } else {
        pairs.add(pair);
      }
    }

    List<LabelledPair> pairs(TextFile file) {
      incomplete.throwIfAny(file);
      return List.copyOf(pairs);
    }
  }

  private static List<LabelledPair> json(TextFile file, PairColumns columns) throws IOException {
    Collector collector = new Collector(columns);
    checkPointers(columns);
    Map<String, JsonPointer> pointers = new HashMap<>();
    int[] number = {0};
    file.json(
        object -> {
          number[0]++;
          if (collector.places == null) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            collector.places =
                Places.find(
                    file,
                    columns,
                    place -> !object.at(place).isMissingNode(),
                    name -> "/" + name,
                    "the members " + String.join(", ", names));
          }
          collector.add(
              collector.places.pair(
                  place -> value(object.at(pointers.computeIfAbsent(place, JsonPointer::compile)))),
              "object " + number[0]);
        });
    return collector.pairs(file);
  }

  private static void checkPointers(PairColumns columns) {
    Stream.of(columns.text(), columns.textPair(), columns.label(), columns.result())
        .flatMap(Optional::stream)
        .filter(place -> !place.startsWith("/"))
        .findFirst()
        .ifPresent(
            place -> {
              throw new InvalidDataException(
                  "Invalid place in a JSON object: %s. It must be a JSON Pointer, such as /%s."
                      .formatted(place, place));
            });
  }

  private static String value(JsonNode value) {
    return value.isValueNode() && !value.isNull() ? value.asText() : null;
  }

  private static List<LabelledPair> tsv(TextFile file, PairColumns columns) throws IOException {
    Table table = new Table(file, columns);
    file.lines(line -> table.row(List.of(line.text().split("\t", -1)), line.number()));
    return table.pairs();
  }

  private static List<LabelledPair> csv(TextFile file, PairColumns columns) throws IOException {
    Table table = new Table(file, columns);
    CSVFormat format = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).build();
    try {
      file.read(
          reader -> {
            try (CSVParser parser = CSVParser.parse(reader, format)) {
              long line = 1;
              for (CSVRecord row : parser) {
                table.row(row.toList(), line);
                line = parser.getCurrentLineNumber() + 1;
              }
              return line;
            } catch (UncheckedIOException e) {
              throw e.getCause();
            }
          });
    } catch (InvalidDataException e) {
      throw e;
    } catch (IllegalStateException | IOException e) {
      if (e instanceof CharacterCodingException || e instanceof FileSystemException) {
        throw e;
      }
      throw new InvalidDataException(
          "Cannot read %s, its quotes do not fit together: %s. A quote within a quoted value is written twice."
              .formatted(file.path(), e.getMessage()),
          e);
    }
    return table.pairs();
  }

  /** The rows of a table. Owned by one thread. */
  private static final class Table {
    private final Collector collector;
    private final Problems tooLong =
        new Problems(
            "%,d rows have more cells than there are columns",
            "A separator in a text needs quotes in .csv, and cannot be written in a table with tabs.");
    private final TextFile file;
    private final PairColumns columns;
    private List<String> names;

    private Table(TextFile file, PairColumns columns) {
      this.collector = new Collector(columns);
      this.file = file;
      this.columns = columns;
    }

    private List<LabelledPair> pairs() {
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

    private void row(List<String> values, long line) {
      if (names == null) {
        names =
            columns.header()
                ? values
                : Stream.iterate(1, i -> i + 1).limit(values.size()).map(String::valueOf).toList();
        collector.places =
            Places.find(
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
          collector.places.pair(
              place -> {
                int index = names.indexOf(place);
                return index < values.size() ? values.get(index) : null;
              }),
          "line " + line);
    }
  }
}
