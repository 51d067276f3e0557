package dev.crossencoder.cli.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.evaluation.data.StrictUtf8;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.input.BOMInputStream;

/**
 * Reads the documents of a file in UTF-8. A document that has no text does not end the file.
 *
 * @param format how the file holds documents; null for the format of its extension
 * @param text the JSON Pointer or the column of the text; null for the usual names
 * @param option the command's option for {@code text}, for messages
 */
public record DocumentReader(DocumentFormat format, String text, String option) {
  private static final List<String> TEXT_NAMES = List.of("text", "content");
  private static final List<String> ID_NAMES = List.of("id", "_id");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Returns the documents of files, in their order; {@code -} is standard input.
   *
   * @throws CommandFailedException if a file is a folder, is not in UTF-8, or is a damaged table
   */
  public List<Document> readAll(List<String> files) throws IOException {
    List<Document> documents = new ArrayList<>();
    for (String file : files) {
      if (Files.isDirectory(Path.of(file))) {
        throw new CommandFailedException(
            "Cannot read %s, it is a folder. Name its files, as in %s."
                .formatted(file, Path.of(file, "*.txt")));
      }
      try (InputStream in = InputFile.open(file)) {
        documents.addAll(read(in, InputFile.name(file)));
      }
    }
    return documents;
  }

  /** Returns whether one of some files is read as JSON, in which the text is a JSON Pointer. */
  public boolean anyInJson(List<String> files) {
    return files.stream()
        .map(file -> format == null ? DocumentFormat.ofFile(file) : format)
        .anyMatch(DocumentFormat.JSONL::equals);
  }

  /**
   * Returns the documents of a stream, in their order.
   *
   * @param name the file, for {@link Document#source} and for the format
   * @throws CommandFailedException if the file is not in UTF-8, or is a damaged table
   */
  List<Document> read(InputStream in, String name) throws IOException {
    DocumentFormat chosen = format == null ? DocumentFormat.ofFile(name) : format;
    try (BufferedReader reader =
        new BufferedReader(StrictUtf8.reader(BOMInputStream.builder().setInputStream(in).get()))) {
      return switch (chosen) {
        case FILES -> List.of(Document.of(name, null, IOUtils.toString(reader)));
        case LINES -> lines(reader, name);
        case JSONL -> jsonLines(reader, name);
        case CSV -> table(reader, ',', name);
        case TSV -> table(reader, '\t', name);
      };
    } catch (CharacterCodingException e) {
      throw new CommandFailedException(
          "Cannot read %s, it is not in UTF-8. Convert it first, such as with iconv."
              .formatted(name),
          e);
    }
  }

  private static List<Document> lines(BufferedReader reader, String name) throws IOException {
    List<Document> documents = new ArrayList<>();
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (!line.isBlank()) {
        documents.add(Document.of(source(name, number), null, line));
      }
    }
    return documents;
  }

  private List<Document> jsonLines(BufferedReader reader, String name) throws IOException {
    List<Document> documents = new ArrayList<>();
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (!line.isBlank()) {
        documents.add(json(line, source(name, number)));
      }
    }
    return documents;
  }

  private Document json(String line, String source) throws IOException {
    JsonNode node;
    try {
      node = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      return Document.without(
          source, "It is not valid JSON at column %d.".formatted(e.getLocation().getColumnNr()));
    }
    if (node.isTextual()) {
      return Document.of(source, null, node.textValue());
    }
    List<String> places =
        text == null ? TEXT_NAMES.stream().map(member -> "/" + member).toList() : List.of(text);
    Optional<JsonNode> found =
        places.stream()
            .map(place -> node.at(JsonPointer.compile(place)))
            .filter(value -> !value.isMissingNode())
            .findFirst();
    if (found.isEmpty()) {
      return Document.without(
          source,
          "There is nothing at %s. Name the text with %s."
              .formatted(String.join(" or ", places), option));
    }
    if (!found.get().isTextual()) {
      return Document.without(
          source,
          "The text must be a string; it is of type %s."
              .formatted(found.get().getNodeType().name().toLowerCase(Locale.ROOT)));
    }
    return Document.of(source, id(node), found.get().textValue());
  }

  private static String id(JsonNode node) {
    return ID_NAMES.stream()
        .map(node::path)
        .filter(JsonNode::isValueNode)
        .filter(value -> !value.isNull())
        .map(JsonNode::asText)
        .findFirst()
        .orElse(null);
  }

  private List<Document> table(Reader reader, char delimiter, String name) throws IOException {
    CSVFormat table =
        CSVFormat.RFC4180.builder().setDelimiter(delimiter).setIgnoreEmptyLines(true).build();
    List<Document> documents = new ArrayList<>();
    Columns columns = null;
    try (CSVParser parser = CSVParser.parse(reader, table)) {
      long line = 1;
      for (CSVRecord row : parser) {
        if (columns == null) {
          columns = columns(row.toList(), name);
        } else {
          documents.add(columns.document(row, source(name, line)));
        }
        line = parser.getCurrentLineNumber() + 1;
      }
    } catch (UncheckedIOException | IllegalStateException e) {
      if (e.getCause() instanceof CharacterCodingException coding) {
        throw coding;
      }
      throw new CommandFailedException(
          "Cannot read %s, its quotes do not fit together: %s. A quote within a quoted value is written twice."
              .formatted(name, e.getMessage()),
          e);
    }
    return documents;
  }

  /**
   * The columns of a table.
   *
   * @param count their number
   * @param text the index of the text
   * @param id the index of the id, if there is one
   */
  private record Columns(int count, int text, OptionalInt id) {
    private Document document(CSVRecord row, String source) {
      if (row.size() != count) {
        return Document.without(
            source, "It has %d values, and the header has %d.".formatted(row.size(), count));
      }
      return Document.of(source, id.isPresent() ? row.get(id.getAsInt()) : null, row.get(text));
    }
  }

  private Columns columns(List<String> header, String name) {
    List<String> texts = text == null ? TEXT_NAMES : List.of(text);
    int textColumn =
        first(texts, header)
            .orElseThrow(
                () ->
                    new CommandFailedException(
                        "Cannot find the text in %s, no column is named %s. The columns are %s. Name one with %s."
                            .formatted(
                                name,
                                String.join(" or ", texts),
                                String.join(", ", header),
                                option)));
    return new Columns(header.size(), textColumn, first(ID_NAMES, header));
  }

  /** Returns the index of the first name that the header has. */
  private static OptionalInt first(List<String> names, List<String> header) {
    return names.stream().mapToInt(header::indexOf).filter(index -> index >= 0).findFirst();
  }

  private static String source(String name, long line) {
    return name + ":" + line;
  }
}
