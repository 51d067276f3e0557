package dev.crossencoder.bundle;

import java.util.List;

/**
 * The tokens of n pairs, one after the other and without padding, as a program takes them.
 *
 * @param inputIds {@code [T]}
 * @param tokenTypeIds {@code [T]}
 * @param positionIds {@code [T]}
 * @param offsets {@code [n + 1]}: where each pair starts; the last is T
 */
record PackedBatch(long[] inputIds, long[] tokenTypeIds, long[] positionIds, long[] offsets) {
  /** Packs pairs; the first token of each is at a position of the model's own. */
  static PackedBatch of(List<EncodedPair> pairs, int positionOffset) {
    int tokens = 0;
    for (EncodedPair pair : pairs) {
      tokens += pair.length();
    }
    PackedBatch batch =
        new PackedBatch(
            new long[tokens], new long[tokens], new long[tokens], new long[pairs.size() + 1]);
    int start = 0;
    for (int i = 0; i < pairs.size(); i++) {
      EncodedPair pair = pairs.get(i);
      for (int j = 0; j < pair.length(); j++) {
        batch.inputIds[start + j] = pair.inputIds()[j];
        batch.tokenTypeIds[start + j] = pair.tokenTypeIds()[j];
        batch.positionIds[start + j] = (long) positionOffset + j;
      }
      start += pair.length();
      batch.offsets[i + 1] = start;
    }
    return batch;
  }

  int pairs() {
    return offsets.length - 1;
  }
}
