package dev.crossencoder.bundle;

/**
 * A pair as the model reads it: token ids with special tokens, already truncated. Made by {@link
 * CrossEncoder#encode}; meaningless to another model. Immutable.
 */
public final class EncodedPair {
  private final int[] inputIds;
  private final int[] tokenTypeIds;
  private final boolean truncated;

  EncodedPair(int[] inputIds, int[] tokenTypeIds, boolean truncated) {
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

  int[] inputIds() {
    return inputIds;
  }

  int[] tokenTypeIds() {
    return tokenTypeIds;
  }
}
