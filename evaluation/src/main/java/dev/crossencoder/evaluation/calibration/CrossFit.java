package dev.crossencoder.evaluation.calibration;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.Calibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Probabilities of pairs from calibrations that were fitted to other pairs: the pairs are divided
 * into five folds, and each fold gets the calibration that was fitted to the four others. Figures
 * of these probabilities are not flattered by the fit.
 */
public final class CrossFit {
  /** The number of folds, and the smallest number of pairs of each kind that it takes. */
  public static final int FOLDS = 5;

  private CrossFit() {}

  /**
   * Computes the probabilities of all pairs. Each fold has about the same share of each kind of
   * pairs.
   *
   * @param logits the logits of each pair
   * @param kinds the kind of each pair, such as its gold label
   * @param fit fits a calibration to the pairs with some indexes
   * @param seed of the division into folds
   * @return the probabilities of each pair, in the order of the pairs
   * @throws InvalidDataException if a calibration cannot be fitted
   */
  public static List<double[]> probabilities(
      List<float[]> logits, int[] kinds, Function<int[], Calibration> fit, long seed) {
    List<Integer> shuffled = new ArrayList<>(IntStream.range(0, logits.size()).boxed().toList());
    Collections.shuffle(shuffled, new Random(seed));
    shuffled.sort(Comparator.comparingInt(pair -> kinds[pair]));
    double[][] probabilities = new double[logits.size()][];
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      int[] others =
          IntStream.range(0, shuffled.size())
              .filter(place -> place % FOLDS != held)
              .map(shuffled::get)
              .toArray();
      Calibration calibration = fit.apply(others);
      for (int place = fold; place < shuffled.size(); place += FOLDS) {
        int pair = shuffled.get(place);
        probabilities[pair] = calibration.probabilities(logits.get(pair));
      }
    }
    return Arrays.asList(probabilities);
  }
}
