package dev.crossencoder.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a score names as its evidence. */
public enum Evidence {
  /** Nothing. */
  NONE,

  /** The sentence without which the score of the best chunk, or of a text that fits, is lowest. */
  SENTENCE;

  /** The name in options: {@code none}, {@code sentence}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the constant for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Evidence parse(String key) {
    return Arrays.stream(values())
        .filter(evidence -> evidence.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid evidence: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(Evidence::key)
                                .collect(Collectors.joining(", ")))));
  }
}
