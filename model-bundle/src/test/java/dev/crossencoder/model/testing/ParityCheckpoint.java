package dev.crossencoder.model.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A tiny checkpoint with peaked random weights and the logits that transformers, or
 * sentence-transformers, gave for it, made by {@code src/test/python/reference.py}. Some
 * checkpoints have variants: the same weights under another configuration.
 *
 * @param name the folder among the test resources
 * @param variant the variant's name, empty for the checkpoint as it is
 * @param changes by the names of files what the variant sets in them; null removes a key
 * @param logits one row a pair of {@link #pairs}
 */
public record ParityCheckpoint(
    String name, String variant, Map<String, JsonNode> changes, List<List<Double>> logits) {
  /** The most tokens of a pair. */
  public static final int MAX_LENGTH = 48;

  private static final Path RESOURCES = resources();

  private static Path resources() {
    URI uri;
    try {
      uri = ParityCheckpoint.class.getResource("parity/pairs.json").toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Cannot find the parity checkpoints", e);
    }
    return Path.of(uri).getParent();
  }

  /** All checkpoints and variants. */
  public static List<ParityCheckpoint> all() throws IOException {
    List<ParityCheckpoint> all = new ArrayList<>();
    try (Stream<Path> folders = Files.list(RESOURCES)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        for (JsonNode reference : read(folder.resolve("reference.json"))) {
          all.add(parse(folder.getFileName().toString(), reference));
        }
      }
    }
    return all;
  }

  /** Returns a checkpoint as it is. */
  public static ParityCheckpoint named(String name) throws IOException {
    return parse(name, read(RESOURCES.resolve(name).resolve("reference.json")).get(0));
  }

  private static ParityCheckpoint parse(String name, JsonNode reference) {
    List<List<Double>> logits = new ArrayList<>();
    for (JsonNode row : reference.path("logits")) {
      List<Double> values = new ArrayList<>();
      row.forEach(value -> values.add(value.doubleValue()));
      logits.add(values);
    }
    Map<String, JsonNode> changes = new LinkedHashMap<>();
    changes.put("config.json", reference.path("config"));
    reference
        .path("files")
        .properties()
        .forEach(file -> changes.put(file.getKey(), file.getValue()));
    return new ParityCheckpoint(name, reference.path("variant").asText(), changes, logits);
  }

  /** The hard pairs that all checkpoints were scored on. */
  public static List<TextPair> pairs() throws IOException {
    List<TextPair> pairs = new ArrayList<>();
    for (JsonNode pair : read(RESOURCES.resolve("pairs.json")).path("pairs")) {
      pairs.add(new TextPair(pair.path("text").asText(), pair.path("text_pair").asText()));
    }
    return pairs;
  }

  /** Writes the checkpoint's files into a folder, which it creates. */
  public Path copyTo(Path folder) throws IOException {
    Path source = RESOURCES.resolve(name);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(f -> !f.endsWith("reference.json")).toList()) {
        Files.copy(file, folder.resolve(source.relativize(file).toString()));
      }
    }
    for (var file : changes.entrySet()) {
      change(folder.resolve(file.getKey()), file.getValue());
    }
    return folder;
  }

  private static void change(Path file, JsonNode changes) throws IOException {
    ObjectNode config = (ObjectNode) read(file);
    for (var change : changes.properties()) {
      if (change.getValue().isNull()) {
        config.remove(change.getKey());
      } else {
        config.set(change.getKey(), change.getValue());
      }
    }
    Files.writeString(file, config.toPrettyString());
  }

  /**
   * Returns how far logits are from the reference, in units of {@code max(1, |logit|)}, at the
   * worst.
   */
  public double largestDifference(float[][] actual) {
    double largest = 0;
    for (int pair = 0; pair < logits.size(); pair++) {
      for (int label = 0; label < logits.get(pair).size(); label++) {
        double expected = logits.get(pair).get(label);
        double difference = Math.abs(actual[pair][label] - expected);
        if (Double.isNaN(difference)) {
          return Double.POSITIVE_INFINITY;
        }
        largest = Math.max(largest, difference / Math.max(1, Math.abs(expected)));
      }
    }
    return largest;
  }

  /** As {@link #largestDifference(float[][])}, for the logits of scores. */
  public double largestDifference(List<Score> scores) {
    float[][] rows = new float[scores.size()][];
    for (int pair = 0; pair < rows.length; pair++) {
      List<Float> row = scores.get(pair).logits();
      rows[pair] = new float[row.size()];
      for (int label = 0; label < row.size(); label++) {
        rows[pair][label] = row.get(label);
      }
    }
    return largestDifference(rows);
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonFiles.MAPPER.readTree(Files.readAllBytes(file));
  }

  @Override
  public String toString() {
    return variant.isEmpty() ? name : name + ", " + variant;
  }
}
