package dev.crossencoder.model;

/**
 * A pair as one model reads it: token ids with special tokens, already truncated. {@code
 * CrossEncoder.encode} makes it; another model gives its ids another meaning. Nobody changes the
 * arrays, so that threads may share it.
 */
public final class EncodedPair {
  private final int[] inputIds;
  private final int[] tokenTypeIds;
  private final boolean truncated;

  /**
   * Creates a pair of as many tokens as each array is long.
   *
   * @param inputIds the ids of the tokens; not copied
   * @param tokenTypeIds the segment of each token; not copied
   * @param truncated whether tokens were cut off
   */
  public EncodedPair(int[] inputIds, int[] tokenTypeIds, boolean truncated) {
    this.inputIds = inputIds;
    this.tokenTypeIds = tokenTypeIds;
    this.truncated = truncated;
  }

  /** The number of tokens, special ones included. */
  public int length() {
    return inputIds.length;
  }

  /** Whether tokens were cut off to fit the model's {@code max_length}. */
  public boolean truncated() {
    return truncated;
  }

  /** The ids of all tokens; not a copy. */
  public int[] inputIds() {
    return inputIds;
  }

  /** The segment of each token; not a copy. */
  public int[] tokenTypeIds() {
    return tokenTypeIds;
  }
}
