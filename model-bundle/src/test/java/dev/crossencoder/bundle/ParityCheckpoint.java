package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A tiny checkpoint with peaked random weights and the logits that transformers gave for it, made
 * by {@code src/test/python/reference.py}. Some checkpoints have variants: the same weights under
 * another configuration.
 *
 * @param name the folder among the test resources
 * @param variant the variant's name, empty for the checkpoint as it is
 * @param changes what the variant sets in {@code config.json}; null removes a key
 * @param logits one row a pair of {@link #pairs}
 */
record ParityCheckpoint(String name, String variant, JsonNode changes, List<List<Double>> logits) {
  /** The most tokens of a pair. */
  static final int MAX_LENGTH = 48;

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
  static List<ParityCheckpoint> all() throws IOException {
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
  static ParityCheckpoint named(String name) throws IOException {
    return parse(name, read(RESOURCES.resolve(name).resolve("reference.json")).get(0));
  }

  private static ParityCheckpoint parse(String name, JsonNode reference) {
    List<List<Double>> logits = new ArrayList<>();
    for (JsonNode row : reference.path("logits")) {
      List<Double> values = new ArrayList<>();
      row.forEach(value -> values.add(value.doubleValue()));
      logits.add(values);
    }
    return new ParityCheckpoint(
        name, reference.path("variant").asText(), reference.path("config"), logits);
  }

  /** The hard pairs that all checkpoints were scored on. */
  static List<TextPair> pairs() throws IOException {
    List<TextPair> pairs = new ArrayList<>();
    for (JsonNode pair : read(RESOURCES.resolve("pairs.json")).path("pairs")) {
      pairs.add(new TextPair(pair.path("text").asText(), pair.path("text_pair").asText()));
    }
    return pairs;
  }

  /** Writes the checkpoint's files into a folder, which it creates. */
  Path copyTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path source = RESOURCES.resolve(name);
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(f -> !f.endsWith("reference.json")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    ObjectNode config = (ObjectNode) read(source.resolve("config.json"));
    for (var change : changes.properties()) {
      if (change.getValue().isNull()) {
        config.remove(change.getKey());
      } else {
        config.set(change.getKey(), change.getValue());
      }
    }
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
    return folder;
  }

  /**
   * Returns how far logits are from the reference, in units of {@code max(1, |logit|)}, at the
   * worst.
   */
  double largestDifference(List<Score> scores) {
    double largest = 0;
    for (int pair = 0; pair < logits.size(); pair++) {
      for (int label = 0; label < logits.get(pair).size(); label++) {
        double expected = logits.get(pair).get(label);
        double difference = Math.abs(scores.get(pair).logits().get(label) - expected);
        if (Double.isNaN(difference)) {
          return Double.POSITIVE_INFINITY;
        }
        largest = Math.max(largest, difference / Math.max(1, Math.abs(expected)));
      }
    }
    return largest;
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonFiles.MAPPER.readTree(Files.readAllBytes(file));
  }

  @Override
  public String toString() {
    return variant.isEmpty() ? name : name + ", " + variant;
  }
}
