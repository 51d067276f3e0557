package dev.crossencoder.model;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Locale;

/**
 * Turns logits into probabilities that agree with labelled pairs: of the pairs with the score 0.8,
 * about 80 % are right. Fitted by {@code cross-encoder calibrate}. Probabilities are computed in
 * double precision and returned as float.
 *
 * <p>It changes neither the predicted label of a pair nor, with one label, the order of pairs,
 * except that very high or very low logits may get the same probability.
 *
 * @param method how logits become probabilities
 * @param slope the factor of each logit, positive; for {@link Method#TEMPERATURE} one divided by
 *     the temperature
 * @param intercept what is added to {@code slope * logit}; 0 for {@link Method#TEMPERATURE}
 * @param pairs the number of labelled pairs to which it was fitted, at least 1
 */
public record Calibration(Method method, double slope, double intercept, int pairs)
    implements ScoreFunction {
  /** How logits become probabilities. */
  public enum Method {
    /**
     * Platt scaling, for models with one label: {@code sigmoid(slope * logit + intercept)}.
     *
     * <p>Source: Platt, "Probabilistic Outputs for Support Vector Machines" (1999).
     */
    PLATT,
    /**
     * Temperature scaling, for models with several labels: {@code softmax(logits / temperature)}.
     *
     * <p>Source: Guo et al., "On Calibration of Modern Neural Networks" (2017).
     */
    TEMPERATURE;

    /** The name in {@code calibration.json}. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Calibration {
    requireNonNull(method, "method is null");
    if (!(slope > 0) || !Double.isFinite(slope)) {
      throw new IllegalArgumentException(
          "Invalid slope: %s. It must be positive, so that a higher logit means a higher probability."
              .formatted(slope));
    }
    if (!Double.isFinite(intercept) || (method == Method.TEMPERATURE && intercept != 0)) {
      throw new IllegalArgumentException(
          "Invalid intercept: %s. It must be a number, and 0 for temperature scaling."
              .formatted(intercept));
    }
    if (pairs <= 0) {
      throw new IllegalArgumentException(
          "Invalid pairs: %d. It must be positive.".formatted(pairs));
    }
  }

  /** Platt scaling. */
  public static Calibration platt(double slope, double intercept, int pairs) {
    return new Calibration(Method.PLATT, slope, intercept, pairs);
  }

  /** Temperature scaling; a temperature above 1 makes a model less certain. */
  public static Calibration temperature(double temperature, int pairs) {
    if (!(temperature > 0) || !Double.isFinite(1 / temperature)) {
      throw new IllegalArgumentException(
          "Invalid temperature: %s. It must be positive.".formatted(temperature));
    }
    return new Calibration(Method.TEMPERATURE, 1 / temperature, 0, pairs);
  }

  /** {@code 1 / slope}, for {@link Method#TEMPERATURE}. */
  public double temperature() {
    return 1 / slope;
  }

  /** Whether it can be used for a model with this number of labels. */
  public boolean fits(int labels) {
    return (method == Method.PLATT) == (labels == 1);
  }

  @Override
  public float[] apply(float[] logits) {
    double[] exact = probabilities(logits);
    float[] probabilities = new float[exact.length];
    for (int i = 0; i < exact.length; i++) {
      probabilities[i] = (float) exact[i];
    }
    return probabilities;
  }

  /**
   * Computes the probabilities of one pair in double precision.
   *
   * @param logits one number per label
   * @return one probability per label
   */
  public double[] probabilities(float[] logits) {
    double[] scaled = new double[logits.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = slope * logits[i] + intercept;
    }
    return switch (method) {
      case PLATT -> Arrays.stream(scaled).map(value -> 1 / (1 + Math.exp(-value))).toArray();
      case TEMPERATURE -> softmax(scaled);
    };
  }

  private static double[] softmax(double[] scaled) {
    double max = Arrays.stream(scaled).max().orElse(0);
    double[] powers = Arrays.stream(scaled).map(value -> Math.exp(value - max)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(power -> power / sum).toArray();
  }

  @Override
  public String key() {
    return method.key();
  }

  /** Returns the formula with its numbers. */
  @Override
  public String toString() {
    return switch (method) {
      case PLATT ->
          String.format(
              Locale.ROOT,
              "platt: sigmoid(%.4f * logit %+.4f), fitted to %,d pairs",
              slope,
              intercept,
              pairs);
      case TEMPERATURE ->
          String.format(
              Locale.ROOT,
              "temperature: softmax(logits / %.4f), fitted to %,d pairs",
              temperature(),
              pairs);
    };
  }
}
