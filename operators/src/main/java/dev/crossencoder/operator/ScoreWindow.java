package dev.crossencoder.operator;

import java.util.Arrays;

/** The last scores of a task, and their distribution. Thread-safe. */
final class ScoreWindow {
  static final int SCORES = 1_000;

  private final double[] last = new double[SCORES];
  private long added;

  /** Adds a score in the place of the oldest one. */
  synchronized void add(double score) {
    last[(int) (added % SCORES)] = score;
    added++;
  }

  /** Returns the scores in any order. */
  synchronized double[] scores() {
    return Arrays.copyOf(last, (int) Math.min(added, SCORES));
  }

  /**
   * Returns the score below which a share of the scores is; NaN without scores.
   *
   * @param share from 0 to 1
   */
  double quantile(double share) {
    double[] sorted = scores();
    Arrays.sort(sorted);
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
