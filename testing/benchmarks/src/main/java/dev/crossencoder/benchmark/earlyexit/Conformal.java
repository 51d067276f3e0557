package dev.crossencoder.benchmark.earlyexit;

import java.util.Arrays;

/**
 * Split conformal prediction. Vovk et al., "Algorithmic Learning in a Random World", 2005.
 *
 * <p>If a new value and n calibration values are exchangeable, the new one is at most the quantile
 * with at least the stated confidence. With few values, no finite quantile has this property: a
 * confidence of 0.99 takes 99 of them.
 */
final class Conformal {
  private static final double ROUNDING = 1e-9;

  private Conformal() {}

  /**
   * Returns the upper quantile of calibration values; positive infinity if there are too few.
   *
   * @param confidence above 0 and below 1
   */
  static double quantile(double[] values, double confidence) {
    int rank = (int) Math.ceil((values.length + 1) * confidence - ROUNDING);
    if (rank > values.length) {
      return Double.POSITIVE_INFINITY;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[rank - 1];
  }
}
