package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.evaluation.InvalidDataException;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A file in UTF-8, decompressed if its name ends in {@code .gz}. */
record TextFile(Path path) {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * A line that is not blank.
   *
   * @param number from 1
   */
  record Line(int number, String text) {}

  /** What reads a file. */
  interface Body<T> {
    T read(BufferedReader reader) throws IOException;
  }

  /**
   * Reads the file.
   *
   * @throws InvalidDataException if it is a folder, not in UTF-8, not valid JSON, or its compressed
   *     data are damaged
   */
  <T> T read(Body<T> body) throws IOException {
    if (Files.isDirectory(path)) {
      throw new InvalidDataException("Cannot read %s, it is a folder.".formatted(path));
    }
    try (InputStream in = Files.newInputStream(path);
        InputStream plain = isCompressed() ? new GZIPInputStream(in) : in;
        BufferedReader reader = new BufferedReader(StrictUtf8.reader(plain))) {
      reader.mark(1);
      if (reader.read() != BYTE_ORDER_MARK) {
        reader.reset();
      }
      return body.read(reader);
    } catch (CharacterCodingException e) {
      throw new InvalidDataException(
          "Cannot read %s, it is not in UTF-8. Convert it first, such as with iconv."
              .formatted(path),
          e);
    } catch (EOFException e) {
      throw new InvalidDataException(
          "Cannot read %s, its compressed data end too early. Copy or compress it again."
              .formatted(path),
          e);
    } catch (ZipException e) {
      throw new InvalidDataException(
          "Cannot read %s, it is not compressed with gzip, or damaged.".formatted(path), e);
    } catch (JsonProcessingException e) {
      throw new InvalidDataException(
          "Cannot read %s, it is not valid JSON at line %d, column %d."
              .formatted(path, e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          e);
    }
  }

  private boolean isCompressed() {
    return path.toString().endsWith(".gz");
  }

  /** Returns the extension in lower case, without that of the compression. */
  String extension() {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return plain.substring(plain.lastIndexOf('.') + 1);
  }

  /** Reads the lines that are not blank. */
  void lines(Consumer<Line> consumer) throws IOException {
    read(
        reader -> {
          int number = 0;
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
              consumer.accept(new Line(number, line));
            }
          }
          return number;
        });
  }

  /** Reads the JSON values of the file: one on each line, or the elements of one array. */
  void json(Consumer<JsonNode> consumer) throws IOException {
    read(
        reader -> {
          int number = 0;
          try (MappingIterator<JsonNode> values =
              MAPPER.readerFor(JsonNode.class).readValues(reader)) {
            while (values.hasNextValue()) {
              consumer.accept(values.nextValue());
              number++;
            }
          }
          return number;
        });
  }

  /**
   * Returns whether the file has tags: whether its first character that is not blank is a {@code
   * <}.
   */
  boolean isTagged() throws IOException {
    return read(
        reader -> {
          int character = reader.read();
          while (Character.isWhitespace(character)) {
            character = reader.read();
          }
          return character == '<';
        });
  }

  InvalidDataException empty(String what) {
    return new InvalidDataException("Cannot read %s, it contains no %s.".formatted(path, what));
  }
}
