package dev.crossencoder.model.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the JSON files of checkpoints and bundles. Thread-safe. */
public final class JsonFiles {
  /** The largest file. A tokenizer with 250,000 pieces takes about 20 MB. */
  private static final long MAX_BYTES = 128L << 20;

  /** A strict parser: repeated keys and text after the value are errors. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Parses like Python's json module: the last of repeated keys wins, NaN and Infinity exist. */
  private static final ObjectMapper PYTHON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFiles() {}

  /**
   * Reads a checkpoint's file that consists of one JSON object, as Python would.
   *
   * @throws InvalidModelException if the file is missing, too large or not a JSON object
   * @throws ModelUnavailableException if the file cannot be read
   */
  public static JsonNode readObject(Path file) {
    return parseObject(PYTHON, file, readBytes(file));
  }

  /**
   * Reads a whole file of at most 128 MiB.
   *
   * @throws InvalidModelException if the file is missing or too large
   * @throws ModelUnavailableException if the file cannot be read
   */
  public static byte[] readBytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new InvalidModelException(
            "Cannot read %s, it has %d bytes, at most %d are allowed."
                .formatted(file, size, MAX_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new InvalidModelException(
          "Cannot find the file %s. The folder must contain it.".formatted(file), e);
    } catch (IOException e) {
      throw new ModelUnavailableException("Cannot read %s: %s".formatted(file, e), e);
    }
  }

  /**
   * Reads a checkpoint's file that consists of one JSON array, as Python would.
   *
   * @throws InvalidModelException if the file is missing, too large or not a JSON array
   * @throws ModelUnavailableException if the file cannot be read
   */
  public static JsonNode readArray(Path file) {
    JsonNode root = parse(PYTHON, file, readBytes(file));
    if (root == null || !root.isArray()) {
      throw new InvalidModelException("Cannot read %s, it is not a JSON array.".formatted(file));
    }
    return root;
  }

  /**
   * Parses a JSON object strictly, with {@link #MAPPER}.
   *
   * @param file the name of the file in messages
   * @throws InvalidModelException if the bytes are not a JSON object
   */
  public static JsonNode parseObject(Path file, byte[] bytes) {
    return parseObject(MAPPER, file, bytes);
  }

  private static JsonNode parseObject(ObjectMapper mapper, Path file, byte[] bytes) {
    JsonNode root = parse(mapper, file, bytes);
    if (root == null || !root.isObject()) {
      throw new InvalidModelException("Cannot read %s, it is not a JSON object.".formatted(file));
    }
    return root;
  }

  private static JsonNode parse(ObjectMapper mapper, Path file, byte[] bytes) {
    try {
      return mapper.readTree(bytes);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null ? "" : " (line %d)".formatted(e.getLocation().getLineNr());
      throw new InvalidModelException(
          "Cannot read %s, it is not valid JSON: %s%s"
              .formatted(file, e.getOriginalMessage(), place),
          e);
    } catch (IOException e) {
      throw new InvalidModelException("Cannot read %s: %s".formatted(file, e), e);
    }
  }
}
