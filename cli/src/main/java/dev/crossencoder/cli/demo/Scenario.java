package dev.crossencoder.cli.demo;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The shapes of records that the demo can send. */
enum Scenario {
  /** A record is a pair, as in the Kafka job by default. */
  PAIRS(Map.of()),
  /** A record is a query with documents. */
  RERANK(Map.of("input.documents", "/documents")),
  /**
   * A record is a query with documents that are longer than a chunk. Chunks are about as long as
   * the passages that demo-rank was trained on.
   */
  LONG(
      Map.of(
          "input.documents",
          "/documents",
          "cross-encoder.long-document",
          "chunk",
          "cross-encoder.chunk.tokens",
          "128",
          "cross-encoder.evidence",
          "sentence")),
  /** A record is a pair, and the model changes while records arrive. */
  LIVE(Map.of()),
  /** A record is a text, which gets one of several labels. */
  CLASSIFY(
      Map.of(
          "input.text",
          "/text",
          "cross-encoder.classify.labels",
          "delivery;payment;return;technical problem;account"));

  /** Immutable, as Map.of makes it. */
  @SuppressWarnings("ImmutableEnumChecker")
  private final Map<String, String> shape;

  Scenario(Map<String, String> shape) {
    this.shape = shape;
  }

  /** Returns the embedded model that fits. */
  String defaultModel() {
    return switch (this) {
      case CLASSIFY -> "demo-nli";
      case LIVE -> "demo-qa";
      default -> "demo-rank";
    };
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the options of a job for this shape. It delivers at least once, so that a result can be
   * read as soon as it is written, and not only at the next checkpoint.
   */
  Map<String, String> jobOptions(String model) {
    Map<String, String> options = new TreeMap<>(shape);
    options.put("cross-encoder.model", model);
    options.put("delivery", "at-least-once");
    options.put("checkpoint.interval", "1s");
    options.put("parallelism", "1");
    return options;
  }

  private static Stream<String> keys() {
    return Arrays.stream(values()).map(Scenario::key);
  }

  /** The names for the help. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return keys().iterator();
    }
  }

  /** Reads a name. */
  static final class Converter implements ITypeConverter<Scenario> {
    @Override
    public Scenario convert(String value) {
      return Arrays.stream(values())
          .filter(scenario -> scenario.key().equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "It must be one of " + keys().collect(Collectors.joining(", ")) + "."));
    }
  }
}
