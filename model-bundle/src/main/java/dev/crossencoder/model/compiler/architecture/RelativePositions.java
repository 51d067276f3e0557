package dev.crossencoder.model.compiler.architecture;

import java.util.function.IntUnaryOperator;

/** Maps distances between tokens to rows of DeBERTa's relative position embeddings. */
final class RelativePositions {
  private RelativePositions() {}

  /**
   * Returns the rows for the distances from {@code -(positions - 1)} to {@code positions - 1}.
   *
   * @param positions the largest number of tokens of a pair
   * @param span half the number of rows
   * @param bucket maps a distance to its bucket, or to itself
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
   * Returns the bucket of a distance. Distances up to half the number of buckets have their own
   * bucket; larger distances share buckets of logarithmically increasing width. Computed in single
   * precision, as in the source.
   *
   * <p>Source: {@code make_log_bucket_position} in {@code modeling_deberta_v2.py} of huggingface/
   * transformers.
   *
   * @param buckets the number of buckets in each direction
   * @param maxDistance the distance from which on all distances share the last bucket
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
