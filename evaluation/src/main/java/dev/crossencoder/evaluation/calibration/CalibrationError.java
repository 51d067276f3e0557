package dev.crossencoder.evaluation.calibration;

import java.util.ArrayList;
import java.util.List;

/**
 * How far probabilities are from the shares of pairs for which they are right.
 *
 * @param expected the expected calibration error: the mean distance of mean probability and share
 *     in bins, weighted by their pairs; from 0, which is perfect, to 1
 * @param logLoss the mean of {@code -log(probability of what is right)}, with probabilities of at
 *     least 1e-15
 * @param bins the bins that have pairs, by ascending probability
 */
public record CalibrationError(double expected, double logLoss, List<Bin> bins) {
  /** As in Guo et al., "On Calibration of Modern Neural Networks" (2017). */
  private static final int BINS = 15;

  private static final double LEAST = 1e-15;

  /**
   * Pairs with similar probabilities.
   *
   * @param pairs how many, at least 1
   * @param probability their mean probability
   * @param share the share of pairs that are right
   */
  public record Bin(int pairs, double probability, double share) {}

  public CalibrationError {
    bins = List.copyOf(bins);
  }

  /**
   * Compares the probability of gold 1 with its share.
   *
   * @param probabilities of gold 1, from 0 to 1
   * @param positive whether gold is 1
   */
  public static CalibrationError ofBinary(double[] probabilities, boolean[] positive) {
    double loss = 0;
    for (int i = 0; i < probabilities.length; i++) {
      loss += loss(positive[i] ? probabilities[i] : 1 - probabilities[i]);
    }
    return of(probabilities, positive, loss / probabilities.length);
  }

  /**
   * Compares the probability of the predicted label with the share of right predictions.
   *
   * @param probabilities of all labels of each pair
   * @param gold the index of the gold label of each pair
   */
  public static CalibrationError ofLabels(List<double[]> probabilities, int[] gold) {
    double[] confidences = new double[gold.length];
    boolean[] right = new boolean[gold.length];
    double loss = 0;
    for (int i = 0; i < gold.length; i++) {
      double[] row = probabilities.get(i);
      int predicted = 0;
      for (int j = 1; j < row.length; j++) {
        predicted = row[j] > row[predicted] ? j : predicted;
      }
      confidences[i] = row[predicted];
      right[i] = predicted == gold[i];
      loss += loss(row[gold[i]]);
    }
    return of(confidences, right, loss / gold.length);
  }

  private static double loss(double probability) {
    return -Math.log(Math.max(LEAST, probability));
  }

  private static CalibrationError of(double[] confidences, boolean[] right, double logLoss) {
    int[] pairs = new int[BINS];
    double[] sums = new double[BINS];
    int[] rights = new int[BINS];
    for (int i = 0; i < confidences.length; i++) {
      // Bins are open at their lower end, as in the reference.
      int bin = Math.max(0, (int) Math.ceil(confidences[i] * BINS) - 1);
      pairs[bin]++;
      sums[bin] += confidences[i];
      rights[bin] += right[i] ? 1 : 0;
    }
    double expected = 0;
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      if (pairs[i] > 0) {
        expected += Math.abs(sums[i] - rights[i]) / confidences.length;
        bins.add(new Bin(pairs[i], sums[i] / pairs[i], (double) rights[i] / pairs[i]));
      }
    }
    return new CalibrationError(expected, logLoss, bins);
  }
}
