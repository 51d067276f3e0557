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
  private static final double MIN_TEMPERATURE = 0.01;
  private static final double MAX_TEMPERATURE = 100;
  private static final double TOLERANCE = 1e-12;
  private static final int MAX_EVALUATIONS = 200;

  private TemperatureScaling() {}

  /**
   * Fits a calibration.
   *
   * @param logits the logits of each pair, finite
   * @param gold the index of its gold label
   * @throws InvalidDataException if no temperature from 0.01 to 100 is the best: if the model
   *     predicts all pairs right, or is no better than chance
   */
  public static Calibration fit(List<float[]> logits, int[] gold) {
    UnivariateFunction derivative = inverse -> derivative(logits, gold, inverse);
    double least = 1 / MAX_TEMPERATURE;
    double greatest = 1 / MIN_TEMPERATURE;
    if (derivative.value(greatest) <= 0) {
      throw new InvalidDataException(
          "Cannot calibrate, the model predicts all %,d pairs right, so the best temperature is 0. Give more difficult pairs, or more of them."
              .formatted(gold.length));
    }
    if (derivative.value(least) >= 0) {
      throw new InvalidDataException(
          "Cannot calibrate, the scores of %,d pairs say nothing about their gold labels, so the best temperature is infinite. Check the labels and --label-map."
              .formatted(gold.length));
    }
    double inverse =
        new BracketingNthOrderBrentSolver(TOLERANCE, TOLERANCE, 0, 5)
            .solve(MAX_EVALUATIONS, derivative, least, greatest);
    return Calibration.temperature(1 / inverse, gold.length);
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
