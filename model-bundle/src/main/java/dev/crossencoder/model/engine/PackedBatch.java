package dev.crossencoder.model.engine;

import dev.crossencoder.model.EncodedPair;
import java.util.Arrays;
import java.util.List;

/**
 * A packed batch: the tokens of n pairs one after the other, without padding. T is the number of
 * rows that the forward pass computes.
 *
 * @param inputIds {@code [T]}
 * @param tokenTypeIds {@code [T]}
 * @param positionIds {@code [T]}
 * @param offsets {@code [n + 1]}: the index of each pair's first token, and the end of the last
 *     pair. The end may be less than T; tokens behind it belong to no pair and their results are
 *     ignored.
 */
public record PackedBatch(
    long[] inputIds, long[] tokenTypeIds, long[] positionIds, long[] offsets) {
  /**
   * Packs pairs into a batch.
   *
   * @param positionOffset the position id of a pair's first token. If it is not 0, {@code
   *     positionOffset - 1} is both the id of the padding token and the position id of a padding
   *     token that a text contains; such a token does not advance the positions of the tokens
   *     behind it (RoBERTa's rule, {@code create_position_ids_from_input_ids} of transformers).
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

  /** The number of tokens of a pair. */
  public int length(int pair) {
    return (int) (offsets[pair + 1] - offsets[pair]);
  }

  public int pairs() {
    return offsets.length - 1;
  }

  /**
   * Returns a packed batch of some consecutive pairs.
   *
   * @param first the index of the first pair
   * @param end the index behind the last pair
   * @param rows T of the result, at least the number of tokens of the pairs; the rows behind them
   *     are zeros or tokens of later pairs
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
