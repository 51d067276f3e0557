package dev.crossencoder.evaluation.labels;

import static java.util.Comparator.comparingDouble;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The scores of positive and negative pairs, sorted once, so that the figures of many resamples are
 * computed without sorting. As {@link Resampling}: average precision, best F1, best accuracy, and
 * the accuracy at the threshold 0.5.
 */
public final class BinaryScores implements Resampling {
  /** The threshold of accuracy, as in sentence-transformers. */
  private static final double THRESHOLD = 0.5;

  /** The pairs, highest score first, as indexes of the given ones. */
  private final int[] order;

  private final double[] scores;
  private final boolean[] positive;

  private BinaryScores(int[] order, double[] scores, boolean[] positive) {
    this.order = order;
    this.scores = scores;
    this.positive = positive;
  }

  /**
   * Sorts pairs.
   *
   * @param positive whether each pair is positive
   * @param scores the score of each pair; a higher one means positive
   * @throws InvalidDataException if all pairs are positive, all are negative, all scores are equal,
   *     or a score is not finite
   */
  public static BinaryScores of(List<Boolean> positive, double[] scores) {
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
            .sorted(comparingDouble(i -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    if (scores[order[0]] == scores[order[pairs - 1]]) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d pairs have the score %s, so no threshold separates them."
              .formatted(pairs, scores[order[0]]));
    }
    boolean[] sortedPositive = new boolean[pairs];
    for (int i = 0; i < pairs; i++) {
      sortedPositive[i] = positive.get(order[i]);
    }
    return new BinaryScores(
        order, Arrays.stream(order).mapToDouble(i -> scores[i]).toArray(), sortedPositive);
  }

  /** Computes the figures of all pairs. */
  public BinaryFigures figures() {
    int[] counts = new int[order.length];
    Arrays.fill(counts, 1);
    return figures(counts, order.length, positives(counts));
  }

  @Override
  public double[] figures(int[] counts) {
    int pairs = 0;
    int correct = 0;
    for (int i = 0; i < order.length; i++) {
      int count = counts[order[i]];
      pairs += count;
      correct += (scores[i] > THRESHOLD) == positive[i] ? count : 0;
    }
    double accuracy = (double) correct / pairs;
    int positives = positives(counts);
    if (positives == 0 || positives == pairs || allEqual(counts)) {
      return new double[] {Double.NaN, Double.NaN, Double.NaN, accuracy};
    }
    BinaryFigures found = figures(counts, pairs, positives);
    return new double[] {
      found.averagePrecision(), found.bestF1().value(), found.bestAccuracy().value(), accuracy
    };
  }

  private int positives(int[] counts) {
    int positives = 0;
    for (int i = 0; i < order.length; i++) {
      positives += positive[i] ? counts[order[i]] : 0;
    }
    return positives;
  }

  private boolean allEqual(int[] counts) {
    int first = 0;
    while (counts[order[first]] == 0) {
      first++;
    }
    int last = order.length - 1;
    while (counts[order[last]] == 0) {
      last--;
    }
    return scores[first] == scores[last];
  }

  /** Pairs with equal scores are one step: no threshold separates them. */
  private BinaryFigures figures(int[] counts, int pairs, int positives) {
    double averagePrecision = 0;
    BestThreshold bestF1 = new BestThreshold(0, 0);
    BestThreshold bestAccuracy = new BestThreshold(0, 0);
    int seen = 0;
    int found = 0;
    int foundBefore = 0;
    for (int i = 0; i < order.length; i++) {
      int count = counts[order[i]];
      if (count == 0) {
        continue;
      }
      seen += count;
      found += positive[i] ? count : 0;
      int next = i + 1;
      while (next < order.length && counts[order[next]] == 0) {
        next++;
      }
      boolean last = next == order.length;
      if (!last && scores[i] == scores[next]) {
        continue;
      }
      double precision = (double) found / seen;
      averagePrecision += (double) (found - foundBefore) / positives * precision;
      foundBefore = found;
      if (!last) {
        double threshold = (scores[i] + scores[next]) / 2;
        int negativesBelow = pairs - positives - (seen - found);
        bestF1 = better(bestF1, 2.0 * found / (seen + positives), threshold);
        bestAccuracy = better(bestAccuracy, (double) (found + negativesBelow) / pairs, threshold);
      }
    }
    return new BinaryFigures(pairs, positives, averagePrecision, bestF1, bestAccuracy);
  }

  private static BestThreshold better(BestThreshold best, double value, double threshold) {
    return value > best.value() ? new BestThreshold(value, threshold) : best;
  }
}
