package dev.crossencoder.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the scores of the chunks of a text become the score of the text. */
public enum ChunkScore {
  /** The score of the best chunk. */
  MAX,

  /** The score of the first chunk. The others are not scored. */
  FIRST,

  /** The mean of the scores of the best three chunks, for models with one label. */
  MEAN_TOP_3;

  /** The name in options: {@code max}, {@code first}, {@code mean-top-3}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the constant for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ChunkScore parse(String key) {
    return Arrays.stream(values())
        .filter(score -> score.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid chunk score: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(ChunkScore::key)
                                .collect(Collectors.joining(", ")))));
  }
}
