package dev.crossencoder.job.shadow;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How much two lists of numbers agree about the order of their elements: from -1 to 1. */
final class RankCorrelation {
  private RankCorrelation() {}

  /**
   * Kendall's tau-b, as {@code scipy.stats.kendalltau}: concordant minus discordant pairs, divided
   * by the geometric mean of the pairs without ties in each list. Takes time with the square of the
   * length.
   *
   * @return NaN if all numbers of a list are equal
   */
  static double kendall(double[] one, double[] other) {
    long balance = 0;
    long untiedOne = 0;
    long untiedOther = 0;
    for (int i = 0; i < one.length; i++) {
      for (int j = 0; j < i; j++) {
        int first = Double.compare(one[i], one[j]);
        int second = Double.compare(other[i], other[j]);
        balance += (long) first * second;
        untiedOne += Math.abs(first);
        untiedOther += Math.abs(second);
      }
    }
    return balance / Math.sqrt((double) untiedOne * untiedOther);
  }

  /**
   * Spearman's rho, as {@code scipy.stats.spearmanr}: the linear correlation of the ranks, where
   * equal numbers have the mean of their ranks.
   *
   * @return NaN if all numbers of a list are equal
   */
  static double spearman(double[] one, double[] other) {
    double[] first = ranks(one);
    double[] second = ranks(other);
    double mean = (one.length - 1) / 2.0;
    double product = 0;
    double firstSquares = 0;
    double secondSquares = 0;
    for (int i = 0; i < one.length; i++) {
      product += (first[i] - mean) * (second[i] - mean);
      firstSquares += (first[i] - mean) * (first[i] - mean);
      secondSquares += (second[i] - mean) * (second[i] - mean);
    }
    return product / Math.sqrt(firstSquares * secondSquares);
  }

  private static double[] ranks(double[] values) {
    Integer[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .toArray(Integer[]::new);
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      double rank = (from + to - 1) / 2.0;
      Arrays.stream(order, from, to).forEach(i -> ranks[i] = rank);
      from = to;
    }
    return ranks;
  }
}
