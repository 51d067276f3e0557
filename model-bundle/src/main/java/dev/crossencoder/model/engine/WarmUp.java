package dev.crossencoder.model.engine;

import dev.crossencoder.model.BatchFill;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.EncodedPair;
import java.util.ArrayList;
import java.util.List;

/**
 * The batches that a new model scores before the first real one. On a GPU: the largest batches that
 * the limits allow, for several lengths. The first pass creates the CUDA context and the handles of
 * its libraries; each new length loads kernels; the largest batch makes PyTorch's caching allocator
 * reserve the memory that later batches reuse. On a CPU: one short pair, which loads and compiles
 * the kernels.
 */
public final class WarmUp {
  private static final int SHORTEST = 32;

  private WarmUp() {}

  /**
   * Returns the batches for a GPU, in ascending order of pair length.
   *
   * @param sample a pair; the pairs of the batches repeat its tokens
   * @param maxLength the largest number of tokens of a pair
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
    BatchFill fill = new BatchFill(limits);
    while (fill.add(length)) {
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
