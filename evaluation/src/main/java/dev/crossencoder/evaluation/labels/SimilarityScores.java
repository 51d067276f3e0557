package dev.crossencoder.evaluation.labels;

import static java.util.Comparator.comparingDouble;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Scores and gold values, sorted once, so that the correlations of many resamples are computed
 * without sorting. As {@link Resampling}: Pearson's and Spearman's correlation.
 */
public final class SimilarityScores implements Resampling {
  private final double[] gold;
  private final double[] scores;
  private final int[] goldOrder;
  private final int[] scoreOrder;

  private SimilarityScores(double[] gold, double[] scores) {
    this.gold = gold;
    this.scores = scores;
    this.goldOrder = order(gold);
    this.scoreOrder = order(scores);
  }

  /**
   * Sorts pairs.
   *
   * @throws InvalidDataException if there are fewer than two pairs, all gold values or all scores
   *     are equal, or a value is not finite
   */
  public static SimilarityScores of(double[] gold, double[] scores) {
    Gold.check(gold.length, scores.length);
    if (gold.length < 2) {
      throw new InvalidDataException("Cannot evaluate, a correlation needs at least two pairs.");
    }
    check(gold, "gold values");
    check(scores, "scores");
    return new SimilarityScores(gold.clone(), scores.clone());
  }

  private static void check(double[] values, String what) {
    Gold.checkFinite(values, what);
    if (Arrays.stream(values).allMatch(value -> value == values[0])) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d %s are %s. A correlation needs different values."
              .formatted(values.length, what, values[0]));
    }
  }

  private static int[] order(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(comparingDouble(i -> values[i] + 0.0))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Computes the figures of all pairs. */
  public SimilarityFigures figures() {
    int[] counts = new int[gold.length];
    Arrays.fill(counts, 1);
    double[] found = figures(counts);
    return new SimilarityFigures(gold.length, found[0], found[1]);
  }

  @Override
  public double[] figures(int[] counts) {
    return new double[] {
      pearson(gold, scores, counts),
      pearson(ranks(gold, goldOrder, counts), ranks(scores, scoreOrder, counts), counts)
    };
  }

  /** The ranks of the drawn pairs from 1; equal values have the mean of their ranks. */
  private static double[] ranks(double[] values, int[] order, int[] counts) {
    double[] ranks = new double[values.length];
    long before = 0;
    int start = 0;
    while (start < order.length) {
      long equal = 0;
      int end = start;
      while (end < order.length && values[order[end]] == values[order[start]]) {
        equal += counts[order[end]];
        end++;
      }
      for (int i = start; i < end; i++) {
        ranks[order[i]] = before + (equal + 1) / 2.0;
      }
      before += equal;
      start = end;
    }
    return ranks;
  }

  /**
   * Sxy / sqrt(Sxx Syy) of the distances to the means, which are divided by the largest one first
   * so that no square is too large or too small. NaN if all drawn values are equal.
   */
  private static double pearson(double[] first, double[] second, int[] counts) {
    double[] x = distances(first, counts);
    double[] y = distances(second, counts);
    double sxx = 0;
    double syy = 0;
    double sxy = 0;
    for (int i = 0; i < counts.length; i++) {
      sxx += counts[i] * x[i] * x[i];
      syy += counts[i] * y[i] * y[i];
      sxy += counts[i] * x[i] * y[i];
    }
    return Math.max(-1, Math.min(1, sxy / (Math.sqrt(sxx) * Math.sqrt(syy))));
  }

  private static double[] distances(double[] values, int[] counts) {
    double sum = 0;
    long drawn = 0;
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        sum += counts[i] * values[i];
        drawn += counts[i];
        lowest = Math.min(lowest, values[i]);
        highest = Math.max(highest, values[i]);
      }
    }
    double mean = sum / drawn;
    // Rounding of the mean must not make equal values different.
    double largest = lowest == highest ? Double.NaN : Math.max(mean - lowest, highest - mean);
    double[] distances = new double[values.length];
    for (int i = 0; i < counts.length; i++) {
      distances[i] = counts[i] == 0 ? 0 : (values[i] - mean) / largest;
    }
    return distances;
  }
}
