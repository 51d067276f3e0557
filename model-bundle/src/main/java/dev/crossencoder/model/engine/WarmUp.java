package dev.crossencoder.model.engine;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.EncodedPair;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model scores before anybody waits for it. On a GPU, batches as large as the limits allow,
 * of each of some lengths: the first pass makes the CUDA context and the handles of its libraries,
 * each length loads kernels, and the largest batch gets from the device what later ones reuse. On a
 * CPU one short pair, which loads and compiles what every pass needs.
 */
public final class WarmUp {
  private static final int SHORTEST = 32;

  private WarmUp() {}

  /**
   * Returns the batches for a GPU, of short pairs first.
   *
   * @param sample a pair whose tokens the others repeat
   * @param maxLength the most tokens of a pair
   */
  public static List<List<EncodedPair>> onGpu(
      EncodedPair sample, BatchLimits limits, int maxLength) {
    List<List<EncodedPair>> batches = new ArrayList<>();
    for (int length = SHORTEST; length < maxLength; length *= 2) {
      batches.add(batch(sample, limits, length));
    }
    batches.add(batch(sample, limits, maxLength));
    return batches;
  }

  private static List<EncodedPair> batch(EncodedPair sample, BatchLimits limits, int length) {
    EncodedPair pair = repeated(sample, length);
    List<EncodedPair> batch = new ArrayList<>();
    while (limits.admit(batch.size(), batch.size() * length, length)) {
      batch.add(pair);
    }
    return batch;
  }

  private static EncodedPair repeated(EncodedPair sample, int length) {
    int[] ids = new int[length];
    int[] segments = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = sample.inputIds()[i % sample.length()];
      segments[i] = sample.tokenTypeIds()[i % sample.length()];
    }
    return new EncodedPair(ids, segments, false);
  }
}
