package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.PairTooLongException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which text of a pair is shortened when both together have too many tokens. */
public enum Truncation {
  /** The longer one, then both: what sentence-transformers does. */
  LONGEST_FIRST,

  /** The second one: the query or premise stays whole. */
  ONLY_SECOND,

  /**
   * The first one: the passage or hypothesis stays whole, as in transformers' zero-shot pipeline.
   */
  ONLY_FIRST;

  /** The name in options, as the tokenizers have it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the truncation with a name as {@link #key} gives it.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Truncation parse(String key) {
    return Arrays.stream(values())
        .filter(truncation -> truncation.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid truncation: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(Truncation::key)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * Decides how many tokens of each text stay.
   *
   * @param first tokens of the first text
   * @param second tokens of the second text
   * @param max the most tokens of both together
   * @throws PairTooLongException if no token would stay of the text that may be shortened
   */
  KeptTokens keep(int first, int second, int max) {
    return switch (this) {
      case LONGEST_FIRST -> KeptTokens.longestFirst(first, second, max);
      case ONLY_SECOND ->
          KeptTokens.onlySecond(first, second, max)
              .orElseThrow(() -> tooLong("second", "first", first, max));
      case ONLY_FIRST ->
          KeptTokens.onlyFirst(first, second, max)
              .orElseThrow(() -> tooLong("first", "second", second, max));
    };
  }

  private PairTooLongException tooLong(String shortened, String whole, int tokens, int max) {
    return new PairTooLongException(
        "The pair does not fit: its %s text has at least %d tokens, there is room for %d in both texts, and truncation %s shortens the %s text alone. Shorten the %s text, raise the max length, or choose the truncation longest_first."
            .formatted(whole, tokens, max, key(), shortened, whole));
  }
}
