package dev.crossencoder.evaluation.calibration;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The smallest score from which on a precision is reached, so that recall is the largest one with
 * this precision.
 *
 * @param wanted the precision that is wanted
 * @param threshold the smallest score of a pair that passes
 * @param precision the share of positive pairs among those that pass
 * @param recall the share of pairs that pass among the positive ones
 * @param pairs the number of pairs that pass
 */
public record PrecisionThreshold(
    double wanted, double threshold, double precision, double recall, int pairs) {
  /**
   * Finds the threshold.
   *
   * @param scores a higher one means positive
   * @param positive whether each pair is positive
   * @param wanted the precision, from 0 to 1
   * @return empty if no threshold reaches the precision
   */
  public static Optional<PrecisionThreshold> find(
      double[] scores, boolean[] positive, double wanted) {
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
      if (lastOfScore && found > 0 && precision >= wanted) {
        best =
            new PrecisionThreshold(
                wanted, scores[order[i]], precision, (double) found / positives, i + 1);
      }
    }
    return Optional.ofNullable(best);
  }
}
