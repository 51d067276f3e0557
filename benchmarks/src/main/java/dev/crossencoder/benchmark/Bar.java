package dev.crossencoder.benchmark;

import java.util.Arrays;

/**
 * What the project claims of a ratio.
 *
 * @param ratio what is divided by what
 * @param most infinite if there is no upper bound
 */
record Bar(String ratio, double least, double most) {
  /**
   * Prints in one line the ratio's median over several rounds, and whether it is within the bar.
   */
  boolean report(double... rounds) {
    double[] sorted = rounds.clone();
    Arrays.sort(sorted);
    double median = median(sorted);
    boolean holds = least <= median && median <= most;
    String bar = Double.isInfinite(most) ? "at least %.2f" : "%.2f to %.2f";
    System.out.printf(
        "%s: %.2f (min %.2f, max %.2f), the bar is %s: %s%n",
        ratio,
        median,
        sorted[0],
        sorted[sorted.length - 1],
        bar.formatted(least, most),
        holds ? "holds" : "MISSED");
    return holds;
  }

  /** The middle value, or the mean of the two in the middle. */
  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
