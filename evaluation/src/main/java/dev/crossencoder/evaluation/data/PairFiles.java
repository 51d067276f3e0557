package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.evaluation.InvalidDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private static List<LabelledPair> json(TextFile file, PairColumns columns) throws IOException {
    PairCollector collector = new PairCollector(columns);
    checkPointers(columns);
    Map<String, JsonPointer> pointers = new HashMap<>();
    PairPlaces[] places = {null};
    int[] number = {0};
    file.json(
        object -> {
          number[0]++;
          if (places[0] == null) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            places[0] =
                PairPlaces.find(
                    file,
                    columns,
                    place -> !object.at(place).isMissingNode(),
                    name -> "/" + name,
                    "the members " + String.join(", ", names));
          }
          collector.add(
              places[0].pair(
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
    PairTable table = new PairTable(file, columns);
    file.lines(line -> table.row(List.of(line.text().split("\t", -1)), line.number()));
    return table.pairs();
  }

  private static List<LabelledPair> csv(TextFile file, PairColumns columns) throws IOException {
    PairTable table = new PairTable(file, columns);
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
}
