package dev.crossencoder.model;

/**
 * A pair as token ids, truncated and with special tokens. {@code CrossEncoder.encode} creates it;
 * the ids are valid for that model only. The arrays are not copied and must not be changed, so an
 * encoded pair may be shared between threads.
 */
public final class EncodedPair {
  private final int[] inputIds;
  private final int[] tokenTypeIds;
  private final boolean truncated;

  /**
   * Creates an encoded pair. Both arrays have one element per token.
   *
   * @param inputIds the token ids ({@code input_ids}); not copied
   * @param tokenTypeIds the segment id of each token ({@code token_type_ids}); not copied
   * @param truncated whether tokens were removed to fit the maximum length
   */
  public EncodedPair(int[] inputIds, int[] tokenTypeIds, boolean truncated) {
    this.inputIds = inputIds;
    this.tokenTypeIds = tokenTypeIds;
    this.truncated = truncated;
  }

  /** The number of tokens, special tokens included. */
  public int length() {
    return inputIds.length;
  }

  /** Whether tokens were removed to fit the model's {@code max_length}. */
  public boolean truncated() {
    return truncated;
  }

  /** The token ids, special tokens included. The array is not a copy. */
  public int[] inputIds() {
    return inputIds;
  }

  /** The segment id of each token. The array is not a copy. */
  public int[] tokenTypeIds() {
    return tokenTypeIds;
  }
}
