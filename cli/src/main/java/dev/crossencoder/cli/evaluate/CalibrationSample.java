package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.calibration.CalibrationError;
import dev.crossencoder.evaluation.calibration.CrossFit;
import dev.crossencoder.evaluation.calibration.PlattScaling;
import dev.crossencoder.evaluation.calibration.TemperatureScaling;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.Score;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The logits of labelled pairs, to which a calibration is fitted.
 *
 * @param labels the labels of the model; empty for a model with one label
 * @param logits of each pair
 * @param gold the index of the gold label of each pair; 0 or 1 for a model with one label
 */
record CalibrationSample(List<String> labels, List<float[]> logits, int[] gold) {
  /** The number of pairs below which a note says that the result is not stable. */
  private static final int FEW = 200;

  /** The sample of a model with one label. */
  static CalibrationSample ofScores(double[] gold, List<Score> scores) {
    return new CalibrationSample(
        List.of(), logits(scores), Arrays.stream(gold).mapToInt(value -> (int) value).toArray());
  }

  /** The sample of a model with several labels. */
  static CalibrationSample ofLabels(List<String> labels, List<String> gold, List<Score> scores) {
    return new CalibrationSample(
        labels, logits(scores), gold.stream().mapToInt(labels::indexOf).toArray());
  }

  private static List<float[]> logits(List<Score> scores) {
    return scores.stream()
        .map(
            score -> {
              float[] logits = new float[score.logits().size()];
              for (int i = 0; i < logits.length; i++) {
                logits[i] = score.logits().get(i);
              }
              return logits;
            })
        .toList();
  }

  boolean binary() {
    return labels.isEmpty();
  }

  int size() {
    return gold.length;
  }

  /** Fits a calibration to all pairs. */
  Calibration fit() {
    return fit(IntStream.range(0, gold.length).toArray());
  }

  private Calibration fit(int[] indexes) {
    int[] chosen = Arrays.stream(indexes).map(index -> gold[index]).toArray();
    if (!binary()) {
      return TemperatureScaling.fit(Arrays.stream(indexes).mapToObj(logits::get).toList(), chosen);
    }
    boolean[] positive = new boolean[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      positive[i] = chosen[i] == 1;
    }
    return PlattScaling.fit(
        Arrays.stream(indexes).mapToDouble(index -> logits.get(index)[0]).toArray(), positive);
  }

  /** The error of the sigmoid or the softmax of the logits. */
  CalibrationError before() {
    Calibration none =
        binary() ? Calibration.platt(1, 0, size()) : Calibration.temperature(1, size());
    return error(logits.stream().map(none::probabilities).toList());
  }

  /** The error of calibrated probabilities, each from a calibration fitted to other pairs. */
  CalibrationError after(long seed) {
    return error(CrossFit.probabilities(logits, gold, this::fit, seed));
  }

  private CalibrationError error(List<double[]> probabilities) {
    return binary()
        ? CalibrationError.ofBinary(
            probabilities.stream().mapToDouble(row -> row[0]).toArray(), isGold(1))
        : CalibrationError.ofLabels(probabilities, gold);
  }

  /** The calibrated score of a label for each pair. */
  double[] scores(Calibration calibration, int label) {
    return logits.stream().mapToDouble(row -> calibration.apply(row)[label]).toArray();
  }

  /** Whether the gold of each pair has an index. */
  boolean[] isGold(int index) {
    boolean[] is = new boolean[gold.length];
    for (int i = 0; i < is.length; i++) {
      is[i] = gold[i] == index;
    }
    return is;
  }

  /** What the reader of the result must know, as sentences. */
  List<String> notes() {
    return gold.length < FEW
        ? List.of(
            "%,d pairs are few: with others, the calibration and the thresholds would differ. Some hundreds give a stable result."
                .formatted(gold.length))
        : List.of();
  }
}
