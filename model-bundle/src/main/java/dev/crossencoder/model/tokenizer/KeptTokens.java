package dev.crossencoder.model.tokenizer;

import java.util.Optional;

/**
 * The numbers of tokens that truncation keeps of the two texts of a pair.
 *
 * <p>Source: {@code truncate_encodings} in {@code utils/truncation.rs} of huggingface/tokenizers.
 *
 * @param first the number of tokens kept of the first text
 * @param second the number of tokens kept of the second text
 */
record KeptTokens(int first, int second) {
  /**
   * Truncates the longer text until both texts fit or are equally long. If they do not fit then,
   * truncates both to half of the maximum. If the maximum is odd, the text that was longer keeps
   * the odd token.
   *
   * @param first the number of tokens of the first text
   * @param second the number of tokens of the second text
   * @param max the largest number of tokens of both texts together
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
   * Truncates the second text only.
   *
   * @return empty if no token of the second text would be kept
   */
  static Optional<KeptTokens> onlySecond(int first, int second, int max) {
    if ((long) first + second <= max) {
      return Optional.of(new KeptTokens(first, second));
    }
    return first < max ? Optional.of(new KeptTokens(first, max - first)) : Optional.empty();
  }

  /**
   * Truncates the first text only.
   *
   * @return empty if no token of the first text would be kept
   */
  static Optional<KeptTokens> onlyFirst(int first, int second, int max) {
    if ((long) first + second <= max) {
      return Optional.of(new KeptTokens(first, second));
    }
    return second < max ? Optional.of(new KeptTokens(max - second, second)) : Optional.empty();
  }
}
