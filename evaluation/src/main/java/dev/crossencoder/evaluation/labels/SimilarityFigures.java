package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Arrays;
import org.hipparchus.stat.correlation.PearsonsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/**
 * How scores correlate with gold values, from -1 to 1.
 *
 * @param pairs the number of pairs
 * @param pearson the linear correlation, as {@code scipy.stats.pearsonr}
 * @param spearman the linear correlation of the ranks, where equal values have the mean of their
 *     ranks, as {@code scipy.stats.spearmanr}
 */
public record SimilarityFigures(int pairs, double pearson, double spearman) {
  /**
   * Computes the figures.
   *
   * @throws InvalidDataException if there are fewer than two pairs, all gold values or all scores
   *     are equal, or a value is not finite
   */
  public static SimilarityFigures of(double[] gold, double[] scores) {
    Gold.check(gold.length, scores.length);
    if (gold.length < 2) {
      throw new InvalidDataException("Cannot evaluate, a correlation needs at least two pairs.");
    }
    check(gold, "gold values");
    check(scores, "scores");
    return new SimilarityFigures(
        gold.length,
        new PearsonsCorrelation().correlation(gold, scores),
        new SpearmansCorrelation().correlation(withoutMinusZero(gold), withoutMinusZero(scores)));
  }

  /** Hipparchus ranks -0.0 below 0.0; they are equal. */
  private static double[] withoutMinusZero(double[] values) {
    return Arrays.stream(values).map(value -> value + 0.0).toArray();
  }

  private static void check(double[] values, String what) {
    Gold.checkFinite(values, what);
    if (Arrays.stream(values).allMatch(value -> value == values[0])) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d %s are %s. A correlation needs different values."
              .formatted(values.length, what, values[0]));
    }
  }
}
