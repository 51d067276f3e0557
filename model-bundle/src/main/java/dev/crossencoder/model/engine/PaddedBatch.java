package dev.crossencoder.model.engine;

import java.util.Arrays;

/**
 * A padded batch: n pairs in rows of equal length.
 *
 * @param inputIds {@code [n * longest]}
 * @param attentionMask {@code [n * longest]}: 1 for a token, 0 for padding
 * @param tokenTypeIds {@code [n * longest]}
 * @param longest the number of tokens of the longest pair
 */
record PaddedBatch(long[] inputIds, long[] attentionMask, long[] tokenTypeIds, int longest) {
  /**
   * Pads a packed batch on the right.
   *
   * @param paddingId the token id that fills the rows. RoBERTa's models derive position ids from
   *     it.
   */
  static PaddedBatch of(PackedBatch packed, int paddingId) {
    int pairs = packed.pairs();
    int longest = 0;
    for (int i = 0; i < pairs; i++) {
      longest = Math.max(longest, packed.length(i));
    }
    int size = Math.multiplyExact(pairs, longest);
    PaddedBatch padded = new PaddedBatch(new long[size], new long[size], new long[size], longest);
    Arrays.fill(padded.inputIds, paddingId);
    for (int i = 0; i < pairs; i++) {
      int start = (int) packed.offsets()[i];
      int length = packed.length(i);
      int row = i * longest;
      System.arraycopy(packed.inputIds(), start, padded.inputIds, row, length);
      System.arraycopy(packed.tokenTypeIds(), start, padded.tokenTypeIds, row, length);
      Arrays.fill(padded.attentionMask, row, row + length, 1);
    }
    return padded;
  }
}
