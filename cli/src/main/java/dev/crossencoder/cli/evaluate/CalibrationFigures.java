package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.calibration.CalibrationError;
import dev.crossencoder.evaluation.calibration.PrecisionThreshold;
import dev.crossencoder.model.Calibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a calibration changes.
 *
 * @param before the error of the sigmoid or softmax of the logits
 * @param after the error of calibrated probabilities
 * @param thresholds at which score a precision is reached
 */
record CalibrationFigures(
    CalibrationError before, CalibrationError after, List<LabelThreshold> thresholds) {
  /** With fewer pairs, the precision of those that pass says little about others. */
  private static final int FEWEST_PASSING = 30;

  /**
   * The threshold of a precision.
   *
   * @param label null for a model with one label
   * @param wanted the precision
   * @param found empty if no threshold reaches it
   */
  record LabelThreshold(String label, double wanted, Optional<PrecisionThreshold> found) {}

  /**
   * Computes the figures.
   *
   * @param precisions those whose thresholds are found
   * @param seed of the folds
   */
  static CalibrationFigures of(
      CalibrationSample sample, Calibration calibration, List<Double> precisions, long seed) {
    List<LabelThreshold> thresholds = new ArrayList<>();
    int labels = sample.binary() ? 1 : sample.labels().size();
    for (int label = 0; label < labels; label++) {
      double[] probabilities = sample.scores(calibration, label);
      boolean[] positive = sample.isGold(sample.binary() ? 1 : label);
      for (double precision : precisions) {
        thresholds.add(
            new LabelThreshold(
                sample.binary() ? null : sample.labels().get(label),
                precision,
                PrecisionThreshold.find(probabilities, positive, precision, FEWEST_PASSING)));
      }
    }
    return new CalibrationFigures(sample.before(), sample.after(seed), thresholds);
  }

  /** What the reader must know, as sentences. */
  List<String> notes() {
    return after.logLoss() < before.logLoss()
        ? List.of()
        : List.of(
            "The calibration does not lower the log loss: the scores are calibrated already, or the pairs are too few or too different.");
  }
}
