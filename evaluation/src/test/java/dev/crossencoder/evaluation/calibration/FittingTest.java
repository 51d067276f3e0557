package dev.crossencoder.evaluation.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.Calibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FittingTest {
  @Test
  void pairsOfOneKindSayNothing() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(() -> PlattScaling.fit(new double[] {1, 2}, new boolean[] {true, true}))
        .withMessage("Cannot calibrate, all 2 pairs have the gold 1. Give pairs of both kinds.");
  }

  @Test
  void equalLogitsSayNothing() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(() -> PlattScaling.fit(new double[] {3, 3}, new boolean[] {true, false}))
        .withMessage("Cannot calibrate, all 2 pairs have the same logit 3.0.");
  }

  @Test
  void swappedGoldIsRefused() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(
            () ->
                PlattScaling.fit(
                    new double[] {3, 2, -2, -3}, new boolean[] {false, false, true, true}))
        .withMessageStartingWith(
            "Cannot calibrate, pairs with gold 1 do not have higher scores than pairs with gold 0")
        .withMessageEndingWith("Check the gold labels: are 0 and 1 swapped?");
  }

  @Test
  void extremeLogitsAreFittedToo() {
    Calibration calibration =
        PlattScaling.fit(
            new double[] {1e6, 9e5, -1e6, -9e5}, new boolean[] {true, true, false, false});

    assertThat(calibration.slope()).isPositive();
    assertThat(calibration.apply(new float[] {1e6f})[0]).isBetween(0.7f, 0.8f);
  }

  @Test
  void aModelThatIsAlwaysRightHasNoTemperature() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(
            () ->
                TemperatureScaling.fit(
                    List.of(new float[] {3, 0}, new float[] {0, 3}), new int[] {0, 1}))
        .withMessage(
            "Cannot calibrate, the model predicts all 2 pairs right, so the best temperature is 0. Give more difficult pairs, or more of them.");
  }

  @Test
  void aModelThatIsAlwaysWrongHasNoTemperature() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(
            () ->
                TemperatureScaling.fit(
                    List.of(new float[] {3, 0}, new float[] {0, 3}), new int[] {1, 0}))
        .withMessageContaining("say nothing about their gold labels")
        .withMessageEndingWith("Check the labels and --label-map.");
  }

  @Test
  void eachPairIsHeldOutOnce() {
    int pairs = 23;
    List<float[]> logits = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      logits.add(new float[] {i});
    }
    List<Set<Integer>> fitted = new ArrayList<>();

    List<float[]> probabilities =
        CrossFit.probabilities(
            logits,
            indexes -> {
              fitted.add(new HashSet<>(Arrays.stream(indexes).boxed().toList()));
              // The intercept is the number of the fold.
              return Calibration.platt(1e-9, fitted.size(), indexes.length);
            },
            7);

    assertThat(fitted).hasSize(5);
    for (int i = 0; i < pairs; i++) {
      int pair = i;
      List<Integer> without =
          fitted.stream().filter(fold -> !fold.contains(pair)).map(fitted::indexOf).toList();
      assertThat(without).hasSize(1);
      float expected = (float) (1 / (1 + Math.exp(-(without.get(0) + 1))));
      assertThat(probabilities.get(i)[0]).isCloseTo(expected, within(1e-5f));
    }
  }

  @Test
  void tooFewPairsAreRefused() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(() -> CrossFit.probabilities(List.of(new float[] {1}), indexes -> null, 1))
        .withMessage(
            "Cannot calibrate with 1 pairs. It takes at least 10; some hundreds give a stable result.");
  }
}
