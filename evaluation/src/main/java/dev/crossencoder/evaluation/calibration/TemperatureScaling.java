package dev.crossencoder.evaluation.calibration;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.Calibration;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;

/**
 * Fits the temperature of {@code softmax(logits / temperature)} to pairs with gold labels, by
 * maximum likelihood.
 *
 * <p>Source: Guo et al., "On Calibration of Modern Neural Networks" (2017). The negative
 * log-likelihood is convex in 1 / temperature, so its derivative has at most one root.
 */
public final class TemperatureScaling {
  /** The largest and smallest temperature, in relation to the spread of the logits. */
  private static final double RANGE = 1e4;

  private static final double TOLERANCE = 1e-12;
  private static final int MAX_EVALUATIONS = 200;

  private TemperatureScaling() {}

  /**
   * Fits a calibration.
   *
   * @param logits the logits of each pair, finite
   * @param gold the index of its gold label
   * @throws InvalidDataException if no temperature is the best: if the model predicts all pairs
   *     right, or is no better than chance
   */
  public static Calibration fit(List<float[]> logits, int[] gold) {
    double spread = spread(logits);
    if (spread == 0) {
      throw new InvalidDataException(
          "Cannot calibrate, the logits of all labels are the same for each of %,d pairs."
              .formatted(gold.length));
    }
    UnivariateFunction derivative = scaled -> derivative(logits, gold, scaled / spread) / spread;
    if (derivative.value(RANGE) <= 0) {
      throw new InvalidDataException(
          "Cannot calibrate, the model predicts %,d of %,d pairs right, so the best temperature is 0. Give more difficult pairs, or more of them."
              .formatted(right(logits, gold), gold.length));
    }
    if (derivative.value(1 / RANGE) >= 0) {
      throw new InvalidDataException(
          "Cannot calibrate, the scores of %,d pairs say nothing about their gold labels, so the best temperature is infinite. Check the labels and --label-map."
              .formatted(gold.length));
    }
    double inverse =
        new BracketingNthOrderBrentSolver(TOLERANCE, TOLERANCE, 0, 5)
            .solve(MAX_EVALUATIONS, derivative, 1 / RANGE, RANGE);
    return Calibration.temperature(spread / inverse, gold.length);
  }

  /** The mean difference of the largest and the smallest logit of a pair. */
  private static double spread(List<float[]> logits) {
    double sum = 0;
    for (float[] row : logits) {
      double max = Double.NEGATIVE_INFINITY;
      double min = Double.POSITIVE_INFINITY;
      for (float logit : row) {
        max = Math.max(max, logit);
        min = Math.min(min, logit);
      }
      sum += max - min;
    }
    return sum / logits.size();
  }

  private static int right(List<float[]> logits, int[] gold) {
    int right = 0;
    for (int i = 0; i < gold.length; i++) {
      float[] row = logits.get(i);
      boolean largest = true;
      for (float logit : row) {
        largest &= logit <= row[gold[i]];
      }
      right += largest ? 1 : 0;
    }
    return right;
  }

  /** The derivative of the mean loss: the expected logit minus the logit of the gold label. */
  private static double derivative(List<float[]> logits, int[] gold, double inverse) {
    double sum = 0;
    for (int i = 0; i < gold.length; i++) {
      float[] row = logits.get(i);
      double max = Double.NEGATIVE_INFINITY;
      for (float logit : row) {
        max = Math.max(max, logit);
      }
      double[] weights = new double[row.length];
      double expected = 0;
      for (int j = 0; j < row.length; j++) {
        weights[j] = Math.exp(inverse * (row[j] - max));
        expected += weights[j] * row[j];
      }
      sum += expected / Arrays.stream(weights).sum() - row[gold[i]];
    }
    return sum / gold.length;
  }
}
