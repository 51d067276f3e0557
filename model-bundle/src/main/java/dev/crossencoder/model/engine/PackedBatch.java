package dev.crossencoder.model.engine;

import dev.crossencoder.model.EncodedPair;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of n pairs, one after the other and without padding, as a program takes them.
 *
 * @param inputIds {@code [T]}
 * @param tokenTypeIds {@code [T]}
 * @param positionIds {@code [T]}
 * @param offsets {@code [n + 1]}: where each pair starts; the last is T, or less: what follows it
 *     is in no pair
 */
public record PackedBatch(
    long[] inputIds, long[] tokenTypeIds, long[] positionIds, long[] offsets) {
  /**
   * Packs pairs.
   *
   * @param positionOffset the position of a pair's first token. Where it is not 0, one less is both
   *     the padding token's id and the position of that token, should a text hold it; positions of
   *     the others are counted without it, as RoBERTa does.
   */
  public static PackedBatch of(List<EncodedPair> pairs, int positionOffset) {
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
      long position = positionOffset;
      for (int j = 0; j < pair.length(); j++) {
        batch.inputIds[start + j] = pair.inputIds()[j];
        batch.tokenTypeIds[start + j] = pair.tokenTypeIds()[j];
        boolean padding = pair.inputIds()[j] == positionOffset - 1;
        batch.positionIds[start + j] = padding ? positionOffset - 1 : position++;
      }
      start += pair.length();
      batch.offsets[i + 1] = start;
    }
    return batch;
  }

  /** The tokens of a pair. */
  public int length(int pair) {
    return (int) (offsets[pair + 1] - offsets[pair]);
  }

  public int pairs() {
    return offsets.length - 1;
  }

  /**
   * Returns some of the pairs.
   *
   * @param first of the pairs
   * @param end behind the last one
   * @param rows T of the result, no less than the pairs' tokens
   */
  public PackedBatch part(int first, int end, int rows) {
    int start = Math.toIntExact(offsets[first]);
    long[] partOffsets = Arrays.copyOfRange(offsets, first, end + 1);
    for (int i = 0; i < partOffsets.length; i++) {
      partOffsets[i] -= start;
    }
    return new PackedBatch(
        Arrays.copyOfRange(inputIds, start, start + rows),
        Arrays.copyOfRange(tokenTypeIds, start, start + rows),
        Arrays.copyOfRange(positionIds, start, start + rows),
        partOffsets);
  }
}
