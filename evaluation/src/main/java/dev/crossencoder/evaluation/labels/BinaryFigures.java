package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
    Gold.check(positive.size(), scores.length);
    Gold.checkFinite(scores, "scores");
    int pairs = scores.length;
    int positives = (int) positive.stream().filter(value -> value).count();
    if (positives == 0 || positives == pairs) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d pairs are %s. Average precision and thresholds need pairs of both kinds."
              .formatted(pairs, positives == 0 ? "negative" : "positive"));
    }
    int[] order =
        IntStream.range(0, pairs)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    if (scores[order[0]] == scores[order[pairs - 1]]) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d pairs have the score %s, so no threshold separates them."
              .formatted(pairs, scores[order[0]]));
    }
    double averagePrecision = 0;
    BestThreshold bestF1 = new BestThreshold(0, 0);
    BestThreshold bestAccuracy = new BestThreshold(0, 0);
    int found = 0;
    int foundBefore = 0;
    for (int i = 0; i < pairs; i++) {
      found += positive.get(order[i]) ? 1 : 0;
      boolean last = i == pairs - 1;
      if (!last && scores[order[i]] == scores[order[i + 1]]) {
        continue;
      }
      double precision = (double) found / (i + 1);
      averagePrecision += (double) (found - foundBefore) / positives * precision;
      foundBefore = found;
      if (!last) {
        double threshold = (scores[order[i]] + scores[order[i + 1]]) / 2;
        int negativesBelow = pairs - positives - (i + 1 - found);
        bestF1 = better(bestF1, 2.0 * found / (i + 1 + positives), threshold);
        bestAccuracy = better(bestAccuracy, (double) (found + negativesBelow) / pairs, threshold);
      }
    }
    return new BinaryFigures(pairs, positives, averagePrecision, bestF1, bestAccuracy);
  }

  private static BestThreshold better(BestThreshold best, double value, double threshold) {
    return value > best.value() ? new BestThreshold(value, threshold) : best;
  }
}
