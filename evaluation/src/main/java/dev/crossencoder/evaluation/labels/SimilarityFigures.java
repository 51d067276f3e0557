package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;

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
    return SimilarityScores.of(gold, scores).figures();
  }
}
