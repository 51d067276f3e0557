package dev.crossencoder.bundle;

/**
 * How many tokens of each text stay when two together are too long, as the fast tokenisers' {@code
 * longest_first} decides it: the longer text is cut until both are equally long, then both get
 * half, and the one that was longer gets the odd token.
 *
 * <p>Source: {@code truncate_encodings} in {@code utils/truncation.rs} of huggingface/tokenizers.
 *
 * @param first tokens that stay of the first text
 * @param second tokens that stay of the second text
 */
record LongestFirst(int first, int second) {
  /**
   * Decides for two texts.
   *
   * @param first tokens of the first text
   * @param second tokens of the second text
   * @param max the most tokens of both together
   */
  static LongestFirst truncate(int first, int second, int max) {
    if ((long) first + second <= max) {
      return new LongestFirst(first, second);
    }
    boolean firstIsLonger = first > second;
    int shorter = Math.min(first, second);
    int longer = shorter > max ? shorter : Math.max(shorter, max - shorter);
    if ((long) shorter + longer > max) {
      shorter = max / 2;
      longer = shorter + max % 2;
    }
    return firstIsLonger ? new LongestFirst(longer, shorter) : new LongestFirst(shorter, longer);
  }
}
