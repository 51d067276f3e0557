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
            "Cannot calibrate, the model predicts 2 of 2 pairs right, so the best temperature is 0. Give more difficult pairs, or more of them.");
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
    int[] kinds = new int[pairs];
    Arrays.fill(kinds, 0, 5, 1);
    List<Set<Integer>> fitted = new ArrayList<>();

    List<double[]> probabilities =
        CrossFit.probabilities(
            logits,
            kinds,
            indexes -> {
              fitted.add(new HashSet<>(Arrays.stream(indexes).boxed().toList()));
              // The intercept is the number of the fold.
              return Calibration.platt(1e-9, fitted.size(), indexes.length);
            },
            7);

    assertThat(fitted)
        .as("the five pairs of one kind are in five folds")
        .hasSize(5)
        .allSatisfy(fold -> assertThat(fold).filteredOn(pair -> kinds[pair] == 1).hasSize(4));
    for (int i = 0; i < pairs; i++) {
      int pair = i;
      List<Integer> without =
          fitted.stream().filter(fold -> !fold.contains(pair)).map(fitted::indexOf).toList();
      assertThat(without).hasSize(1);
      double expected = 1 / (1 + Math.exp(-(without.get(0) + 1)));
      assertThat(probabilities.get(i)[0]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void logitsOfAnySizeAreFitted() {
    double[] logits = {1, 3, -1, 2, -2, 0.5, -3, 1.5};
    boolean[] positive = {true, true, false, false, false, true, false, true};
    Calibration plain = PlattScaling.fit(logits, positive);

    for (double size : new double[] {1e-8, 1e-3, 1e4, 1e7}) {
      Calibration scaled =
          PlattScaling.fit(Arrays.stream(logits).map(logit -> logit * size).toArray(), positive);

      assertThat(scaled.slope() * size).isCloseTo(plain.slope(), within(1e-6));
      assertThat(scaled.intercept()).isCloseTo(plain.intercept(), within(1e-6));
    }
  }

  @Test
  void temperaturesOfLogitsOfAnySizeAreFitted() {
    List<float[]> logits =
        List.of(new float[] {3, 0}, new float[] {0, 2}, new float[] {1, 0}, new float[] {4, 0});
    int[] gold = {0, 1, 1, 0};
    double plain = TemperatureScaling.fit(logits, gold).temperature();

    for (float size : new float[] {1e-3f, 1e3f}) {
      List<float[]> scaled =
          logits.stream().map(row -> new float[] {row[0] * size, row[1] * size}).toList();
      assertThat(TemperatureScaling.fit(scaled, gold).temperature() / size)
          .isCloseTo(plain, within(1e-5));
    }
  }

  @Test
  void logitsThatAreNoNumbersAreRefused() {
    assertThatExceptionOfType(InvalidDataException.class)
        .isThrownBy(
            () -> PlattScaling.fit(new double[] {1, Double.NaN}, new boolean[] {true, false}))
        .withMessage("Cannot calibrate, 1 of 2 logits are NaN or infinite.");
  }

  @Test
  void aThresholdNeedsPairsThatPass() {
    double[] scores = {0.9, 0.8, 0.7, 0.6, 0.5, 0.4};
    boolean[] positive = {true, false, true, true, false, false};

    assertThat(PrecisionThreshold.find(scores, positive, 0.75, 1).orElseThrow())
        .satisfies(
            found -> {
              assertThat(found.threshold()).isEqualTo(0.6);
              assertThat(found.below()).isEqualTo(0.5);
              assertThat(found.pairs()).isEqualTo(4);
              // As scipy's binomtest(3, 4).proportion_ci(0.90, "wilson") says.
              assertThat(found.lowerBound()).isCloseTo(0.3561680085985064, within(1e-9));
            });
    assertThat(PrecisionThreshold.find(scores, positive, 1, 1)).isPresent();
    assertThat(PrecisionThreshold.find(scores, positive, 1, 2)).isEmpty();
  }
}
