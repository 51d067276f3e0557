package dev.crossencoder.model.tokenizer;

import java.util.Optional;

/**
 * How many tokens of each text stay when two together are too long, as the fast tokenizers decide
 * it.
 *
 * <p>Source: {@code truncate_encodings} in {@code utils/truncation.rs} of huggingface/tokenizers.
 *
 * @param first tokens that stay of the first text
 * @param second tokens that stay of the second text
 */
record KeptTokens(int first, int second) {
  /**
   * Cuts the longer text until both are equally long, then both to half; the one that was longer
   * gets the odd token.
   *
   * @param first tokens of the first text
   * @param second tokens of the second text
   * @param max the most tokens of both together
   */
  static KeptTokens longestFirst(int first, int second, int max) {
    if ((long) first + second <= max) {
      return new KeptTokens(first, second);
    }
    boolean firstIsLonger = first > second;
    int shorter = Math.min(first, second);
    int longer = shorter > max ? shorter : Math.max(shorter, max - shorter);
    if ((long) shorter + longer > max) {
      shorter = max / 2;
      longer = shorter + max % 2;
    }
    return firstIsLonger ? new KeptTokens(longer, shorter) : new KeptTokens(shorter, longer);
  }

  /**
   * Cuts the second text alone.
   *
   * @return empty if no token of it would stay
   */
  static Optional<KeptTokens> onlySecond(int first, int second, int max) {
    if ((long) first + second <= max) {
      return Optional.of(new KeptTokens(first, second));
    }
    return first < max ? Optional.of(new KeptTokens(first, max - first)) : Optional.empty();
  }

  /**
   * Cuts the first text alone.
   *
   * @return empty if no token of it would stay
   */
  static Optional<KeptTokens> onlyFirst(int first, int second, int max) {
    if ((long) first + second <= max) {
      return Optional.of(new KeptTokens(first, second));
    }
    return second < max ? Optional.of(new KeptTokens(max - second, second)) : Optional.empty();
  }
}
