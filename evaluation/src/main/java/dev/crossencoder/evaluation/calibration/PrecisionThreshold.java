package dev.crossencoder.evaluation.calibration;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The smallest score at which a precision is reached, so that recall is the largest one with this
 * precision. A higher score may have a lower precision, because precision does not rise steadily.
 *
 * @param wanted the precision that is wanted
 * @param threshold the smallest score of a pair that passes
 * @param precision the share of positive pairs among those that pass
 * @param recall the share of pairs that pass among the positive ones
 * @param pairs the number of pairs that pass
 * @param below the highest score that does not pass; negative infinity if all pass
 */
public record PrecisionThreshold(
    double wanted, double threshold, double precision, double recall, int pairs, double below) {
  /** The quantile of the normal distribution for a one-sided confidence of 95 %. */
  private static final double CONFIDENCE = 1.6448536269514722;

  /**
   * The precision that other pairs of the same kind have with a probability of about 95 %: the
   * lower limit of Wilson's interval, one-sided.
   *
   * <p>Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference"
   * (1927).
   */
  public double lowerBound() {
    double squared = CONFIDENCE * CONFIDENCE;
    double centre = precision + squared / (2 * pairs);
    double spread =
        CONFIDENCE
            * Math.sqrt(precision * (1 - precision) / pairs + squared / (4.0 * pairs * pairs));
    return (centre - spread) / (1 + squared / pairs);
  }

  /**
   * Finds the threshold.
   *
   * @param scores a higher one means positive
   * @param positive whether each pair is positive
   * @param wanted the precision, from 0 to 1
   * @param fewest the smallest number of pairs that must pass
   * @return empty if no threshold reaches the precision with as many pairs
   */
  public static Optional<PrecisionThreshold> find(
      double[] scores, boolean[] positive, double wanted, int fewest) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long positives = IntStream.range(0, positive.length).filter(i -> positive[i]).count();
    PrecisionThreshold best = null;
    int found = 0;
    for (int i = 0; i < order.length; i++) {
      found += positive[order[i]] ? 1 : 0;
      boolean lastOfScore = i == order.length - 1 || scores[order[i]] != scores[order[i + 1]];
      double precision = (double) found / (i + 1);
      if (lastOfScore && found > 0 && i + 1 >= fewest && precision >= wanted) {
        best =
            new PrecisionThreshold(
                wanted,
                scores[order[i]],
                precision,
                (double) found / positives,
                i + 1,
                i == order.length - 1 ? Double.NEGATIVE_INFINITY : scores[order[i + 1]]);
      }
    }
    return Optional.ofNullable(best);
  }
}
