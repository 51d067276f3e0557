package dev.crossencoder.model.compiler.architecture;

import java.util.function.IntUnaryOperator;

/** Which row of a DeBERTa's relative position embeddings stands for which distance of tokens. */
final class RelativePositions {
  private RelativePositions() {}

  /**
   * Returns the rows for the distances from {@code -(positions - 1)} to {@code positions - 1}.
   *
   * @param positions the most tokens of a sequence
   * @param span half the number of rows
   * @param bucket what stands for a distance: itself, or a bucket
   */
  static int[] rows(int positions, int span, IntUnaryOperator bucket) {
    int[] rows = new int[2 * positions - 1];
    for (int i = 0; i < rows.length; i++) {
      int row = bucket.applyAsInt(i - (positions - 1)) + span;
      rows[i] = Math.max(0, Math.min(row, 2 * span - 1));
    }
    return rows;
  }

  /**
   * Returns the bucket of a distance: itself up to half the buckets, then one for ever wider ranges
   * of distances, in single precision as the reference has it.
   *
   * <p>Source: {@code make_log_bucket_position} in {@code modeling_deberta_v2.py} of huggingface/
   * transformers.
   *
   * @param buckets the number of buckets to either side
   * @param maxDistance the distance that the last bucket begins to stand for
   */
  static int logBucket(int distance, int buckets, int maxDistance) {
    int middle = buckets / 2;
    int magnitude = Math.abs(distance);
    if (magnitude <= middle) {
      return distance;
    }
    float position = log((float) magnitude / middle) / log((float) ((maxDistance - 1.0) / middle));
    int bucket = (int) Math.ceil(position * (middle - 1)) + middle;
    return distance < 0 ? -bucket : bucket;
  }

  private static float log(float value) {
    return (float) Math.log(value);
  }
}
