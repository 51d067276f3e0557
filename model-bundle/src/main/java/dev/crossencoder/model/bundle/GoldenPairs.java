package dev.crossencoder.model.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pairs whose logits are known, in a file {@value #FILE} beside a bundle or a checkpoint. A model
 * that is damaged, or that was compiled from other weights, does not give them.
 *
 * <p>Each line is a JSON object with a pair and its logits, as {@code cross-encoder score --logits}
 * writes it: the texts at {@code query} and {@code passage}, or at {@code premise} and {@code
 * hypothesis}, and the logits at {@code /cross_encoder/logits}. Immutable.
 */
public final class GoldenPairs {
  public static final String FILE = "golden.jsonl";

  /** The largest difference of a logit whose absolute value is at most 1; else times that value. */
  static final double TOLERANCE = 0.01;

  private static final int MAX_PAIRS = 1_000;
  private static final List<List<String>> TEXTS =
      List.of(List.of("query", "passage"), List.of("premise", "hypothesis"));

  private final Path file;
  private final List<TextPair> pairs;
  private final List<List<Float>> logits;

  private GoldenPairs(Path file, List<TextPair> pairs, List<List<Float>> logits) {
    this.file = file;
    this.pairs = List.copyOf(pairs);
    this.logits = List.copyOf(logits);
  }

  /**
   * Reads the golden pairs of a folder.
   *
   * @return empty if it has none
   * @throws InvalidModelException if the file is not valid; the message names the line
   */
  public static Optional<GoldenPairs> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    List<TextPair> pairs = new ArrayList<>();
    List<List<Float>> logits = new ArrayList<>();
    int number = 0;
    for (String line :
        new String(JsonFiles.readBytes(file), StandardCharsets.UTF_8).split("\n", -1)) {
      number++;
      if (!line.isBlank()) {
        JsonNode pair = parse(file, number, line);
        pairs.add(texts(file, number, pair));
        logits.add(logits(file, number, pair));
      }
    }
    if (pairs.isEmpty() || pairs.size() > MAX_PAIRS) {
      throw new InvalidModelException(
          "Cannot use %s, it has %d pairs. It must have from 1 to %d."
              .formatted(file, pairs.size(), MAX_PAIRS));
    }
    return Optional.of(new GoldenPairs(file, pairs, logits));
  }

  private static JsonNode parse(Path file, int number, String line) {
    try {
      return JsonFiles.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(
          "Cannot use %s, line %d is not valid JSON: %s"
              .formatted(file, number, e.getOriginalMessage()),
          e);
    }
  }

  private static TextPair texts(Path file, int number, JsonNode pair) {
    for (List<String> names : TEXTS) {
      JsonNode first = pair.path(names.get(0));
      JsonNode second = pair.path(names.get(1));
      if (first.isTextual() && second.isTextual()) {
        return new TextPair(first.textValue(), second.textValue());
      }
    }
    throw new InvalidModelException(
        "Cannot use %s, line %d has no pair: it needs the texts query and passage, or premise and hypothesis."
            .formatted(file, number));
  }

  private static List<Float> logits(Path file, int number, JsonNode pair) {
    List<Float> values = new ArrayList<>();
    for (JsonNode value : pair.at("/cross_encoder/logits")) {
      if (value.isNumber()) {
        values.add(value.floatValue());
      }
    }
    if (values.isEmpty()) {
      throw new InvalidModelException(
          "Cannot use %s, line %d has no logits at /cross_encoder/logits: write the file with 'cross-encoder score --logits'."
              .formatted(file, number));
    }
    return values;
  }

  /** The pairs, in the order of the file. */
  public List<TextPair> pairs() {
    return pairs;
  }

  /**
   * Checks the logits of a model.
   *
   * @param found the logits of each pair, in the order of the file
   * @throws InvalidModelException if one is not the expected one; the message has both
   */
  public void check(List<List<Float>> found) {
    for (int pair = 0; pair < pairs.size(); pair++) {
      if (!isClose(logits.get(pair), found.get(pair))) {
        throw new InvalidModelException(
            "The model does not give golden pair %d of %s its logits %s, but %s. Is the file of another model, or were the prompt, the truncation or the maximum length others?"
                .formatted(pair + 1, file, logits.get(pair), found.get(pair)));
      }
    }
  }

  private static boolean isClose(List<Float> expected, List<Float> found) {
    if (expected.size() != found.size()) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      double limit = TOLERANCE * Math.max(1, Math.abs(expected.get(i)));
      // Not true for NaN.
      if (!(Math.abs(expected.get(i) - found.get(i)) <= limit)) {
        return false;
      }
    }
    return true;
  }
}
