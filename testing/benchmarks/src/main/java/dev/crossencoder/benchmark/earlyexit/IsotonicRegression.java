package dev.crossencoder.benchmark.earlyexit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The non-decreasing step function with the least squared error, by the algorithm of pooled
 * adjacent violators (Barlow et al., "Statistical Inference under Order Restrictions", 1972).
 */
final class IsotonicRegression {
  private final double[] starts;
  private final double[] values;

  private IsotonicRegression(double[] starts, double[] values) {
    this.starts = starts;
    this.values = values;
  }

  /**
   * Fits a function to at least one point.
   *
   * @param x in any order
   * @param y the value at each x
   */
  static IsotonicRegression fit(double[] x, double[] y) {
    int[] order =
        IntStream.range(0, x.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> x[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] starts = new double[x.length];
    double[] sums = new double[x.length];
    int[] counts = new int[x.length];
    int blocks = 0;
    for (int point : order) {
      if (blocks > 0 && starts[blocks - 1] == x[point]) {
        sums[blocks - 1] += y[point];
        counts[blocks - 1]++;
      } else {
        starts[blocks] = x[point];
        sums[blocks] = y[point];
        counts[blocks] = 1;
        blocks++;
      }
    }
    int pooled = 0;
    for (int block = 0; block < blocks; block++) {
      starts[pooled] = starts[block];
      sums[pooled] = sums[block];
      counts[pooled] = counts[block];
      pooled++;
      while (pooled > 1
          && sums[pooled - 2] / counts[pooled - 2] >= sums[pooled - 1] / counts[pooled - 1]) {
        sums[pooled - 2] += sums[pooled - 1];
        counts[pooled - 2] += counts[pooled - 1];
        pooled--;
      }
    }
    double[] values = new double[pooled];
    for (int i = 0; i < pooled; i++) {
      values[i] = sums[i] / counts[i];
    }
    return new IsotonicRegression(Arrays.copyOf(starts, pooled), values);
  }

  /** Returns the value at x; outside the points, that of the nearest one. */
  double at(double x) {
    int found = Arrays.binarySearch(starts, x);
    int block = found >= 0 ? found : -found - 2;
    return values[Math.max(0, block)];
  }
}
