package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.List;

/**
 * How well scores separate positive pairs from negative ones.
 *
 * @param pairs the number of pairs
 * @param positives the number of positive ones
 * @param averagePrecision the mean of the precision at each score that a positive pair has,
 *     weighted by the recall that is gained there: Σ (R_n - R_{n-1}) P_n. Pairs with equal scores
 *     are one step. scikit-learn's {@code average_precision_score}.
 * @param bestF1 the largest F1 = 2 TP / (2 TP + FP + FN). As in sentence-transformers' {@code
 *     BinaryClassificationEvaluator}, thresholds lie between neighbouring scores; unlike there,
 *     only between different ones, because no threshold separates equal scores. Without equal
 *     scores both are the same.
 * @param bestAccuracy the largest share of correct pairs, over the same thresholds
 * @see <a
 *     href="https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html">average_precision_score</a>
 * @see <a
 *     href="https://github.com/UKPLab/sentence-transformers/blob/master/sentence_transformers/evaluation/BinaryClassificationEvaluator.py">BinaryClassificationEvaluator</a>
 */
public record BinaryFigures(
    int pairs,
    int positives,
    double averagePrecision,
    BestThreshold bestF1,
    BestThreshold bestAccuracy) {
  /**
   * Computes the figures.
   *
   * @param positive whether each pair is positive
   * @param scores the score of each pair; a higher one means positive
   * @throws InvalidDataException if all pairs are positive, all are negative, all scores are equal,
   *     or a score is not finite
   */
  public static BinaryFigures of(List<Boolean> positive, double[] scores) {
    return BinaryScores.of(positive, scores).figures();
  }
}
