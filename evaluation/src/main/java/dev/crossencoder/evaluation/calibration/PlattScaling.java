package dev.crossencoder.evaluation.calibration;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.Calibration;
import java.util.Arrays;

/**
 * Fits {@code sigmoid(slope * logit + intercept)} to pairs with the gold 0 or 1, by maximum
 * likelihood, as scikit-learn's {@code CalibratedClassifierCV(method="sigmoid")} does.
 *
 * <p>Targets are not quite 0 and 1: {@code (positives + 1) / (positives + 2)} and {@code 1 /
 * (negatives + 2)}, so that the slope stays finite if the scores of both kinds do not overlap.
 *
 * <p>Source: Platt, "Probabilistic Outputs for Support Vector Machines" (1999); the method of
 * Newton with backtracking is that of Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs
 * for Support Vector Machines" (2007).
 */
public final class PlattScaling {
  private static final int MAX_ITERATIONS = 100;
  private static final double MIN_STEP = 1e-10;

  /** The largest gradient of a solution, for the mean over all pairs. */
  private static final double TOLERANCE = 1e-12;

  /** Added to the diagonal of the Hessian, so that it can be inverted. */
  private static final double RIDGE = 1e-12;

  private static final double SUFFICIENT_DECREASE = 1e-4;

  private final double[] logits;
  private final double[] targets;

  private PlattScaling(double[] logits, double[] targets) {
    this.logits = logits;
    this.targets = targets;
  }

  /**
   * Fits a calibration.
   *
   * @param logits the logit of each pair
   * @param positive whether its gold is 1
   * @throws InvalidDataException if a logit is not finite; if all pairs have the same gold or the
   *     same logit, or if pairs with gold 1 do not have higher logits than others
   */
  public static Calibration fit(double[] logits, boolean[] positive) {
    requireFinite(logits);
    int positives = 0;
    boolean equal = true;
    for (int i = 0; i < logits.length; i++) {
      positives += positive[i] ? 1 : 0;
      equal &= logits[i] == logits[0];
    }
    int negatives = logits.length - positives;
    if (positives == 0 || negatives == 0) {
      throw new InvalidDataException(
          "Cannot calibrate, all %,d pairs have the gold %d. Give pairs of both kinds."
              .formatted(logits.length, positives == 0 ? 0 : 1));
    }
    if (equal) {
      throw new InvalidDataException(
          "Cannot calibrate, all %,d pairs have the same logit %s."
              .formatted(logits.length, logits[0]));
    }
    double[] targets = new double[logits.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = positive[i] ? (positives + 1.0) / (positives + 2.0) : 1 / (negatives + 2.0);
    }
    double prior = (positives + 1.0) / (negatives + 1.0);
    // Logits of any size are brought to the same one, so that the steps and the tolerance fit.
    double mean = Arrays.stream(logits).average().orElse(0);
    double scale =
        Math.sqrt(Arrays.stream(logits).map(x -> (x - mean) * (x - mean)).average().orElse(1));
    double[] standardized = Arrays.stream(logits).map(x -> (x - mean) / scale).toArray();
    double[] solution = new PlattScaling(standardized, targets).minimum(Math.log(prior));
    double slope = solution[0] / scale;
    if (!(slope > 0)) {
      throw new InvalidDataException(
          "Cannot calibrate, pairs with gold 1 do not have higher scores than pairs with gold 0 (slope %.4g). Check the gold labels: are 0 and 1 swapped?"
              .formatted(slope));
    }
    return Calibration.platt(slope, solution[1] - slope * mean, logits.length);
  }

  private static void requireFinite(double[] logits) {
    long others = Arrays.stream(logits).filter(logit -> !Double.isFinite(logit)).count();
    if (others > 0) {
      throw new InvalidDataException(
          "Cannot calibrate, %,d of %,d logits are NaN or infinite."
              .formatted(others, logits.length));
    }
  }

  /** Returns the slope and the intercept with the smallest loss. */
  private double[] minimum(double firstIntercept) {
    double slope = 0;
    double intercept = firstIntercept;
    double loss = loss(slope, intercept);
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      double gradientSlope = 0;
      double gradientIntercept = 0;
      double hessianSlope = RIDGE;
      double hessianIntercept = RIDGE;
      double hessianBoth = 0;
      for (int i = 0; i < logits.length; i++) {
        double probability = 1 / (1 + Math.exp(-(slope * logits[i] + intercept)));
        double error = probability - targets[i];
        double weight = probability * (1 - probability);
        gradientSlope += error * logits[i];
        gradientIntercept += error;
        hessianSlope += weight * logits[i] * logits[i];
        hessianIntercept += weight;
        hessianBoth += weight * logits[i];
      }
      double largest = Math.max(Math.abs(gradientSlope), Math.abs(gradientIntercept));
      if (largest < TOLERANCE * logits.length) {
        break;
      }
      double determinant = hessianSlope * hessianIntercept - hessianBoth * hessianBoth;
      double stepSlope =
          -(hessianIntercept * gradientSlope - hessianBoth * gradientIntercept) / determinant;
      double stepIntercept =
          -(hessianSlope * gradientIntercept - hessianBoth * gradientSlope) / determinant;
      double descent = gradientSlope * stepSlope + gradientIntercept * stepIntercept;
      double step = 1;
      double newLoss = loss(slope + stepSlope, intercept + stepIntercept);
      while (newLoss > loss + SUFFICIENT_DECREASE * step * descent && step >= MIN_STEP) {
        step /= 2;
        newLoss = loss(slope + step * stepSlope, intercept + step * stepIntercept);
      }
      if (step < MIN_STEP) {
        break;
      }
      slope += step * stepSlope;
      intercept += step * stepIntercept;
      loss = newLoss;
    }
    return new double[] {slope, intercept};
  }

  /** The negative log-likelihood of the targets, in a form that does not overflow. */
  private double loss(double slope, double intercept) {
    double loss = 0;
    for (int i = 0; i < logits.length; i++) {
      double scaled = slope * logits[i] + intercept;
      loss += Math.max(scaled, 0) - targets[i] * scaled + Math.log1p(Math.exp(-Math.abs(scaled)));
    }
    return loss;
  }
}
