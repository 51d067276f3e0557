package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.PairTooLongException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which text of a pair is truncated when both texts together have too many tokens. */
public enum Truncation {
  /** The longer text, then both. This is the default of sentence-transformers. */
  LONGEST_FIRST,

  /** The second text only: the query or premise stays whole. */
  ONLY_SECOND,

  /**
   * The first text only: the passage or hypothesis stays whole, as in the zero-shot classification
   * pipeline of transformers.
   */
  ONLY_FIRST;

  /** The name in options, as the tokenizers library spells it: {@code longest_first}, … */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the truncation for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is no such truncation
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
   * Computes how many tokens of each text are kept.
   *
   * @param first the number of tokens of the first text
   * @param second the number of tokens of the second text
   * @param max the largest number of tokens of both texts together
   * @throws PairTooLongException if no token would be kept of the only text that may be truncated
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
