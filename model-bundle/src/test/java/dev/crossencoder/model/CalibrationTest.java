package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CalibrationTest {
  @Test
  void plattScalingIsTheSigmoidOfTheScaledLogit() {
    float[] probability = Calibration.platt(2, -1, 10).apply(new float[] {1.5f});

    assertThat(probability).hasSize(1);
    assertThat(probability[0]).isCloseTo((float) (1 / (1 + Math.exp(-2))), within(1e-7f));
  }

  @Test
  void temperatureScalingIsTheSoftmaxOfTheDividedLogits() {
    float[] probabilities = Calibration.temperature(2, 10).apply(new float[] {2, 0, 4});

    double sum = Math.exp(1) + Math.exp(0) + Math.exp(2);
    assertThat(probabilities)
        .containsExactly(
            new float[] {
              (float) (Math.exp(1) / sum), (float) (1 / sum), (float) (Math.exp(2) / sum)
            },
            within(1e-7f));
  }

  @Test
  void largeLogitsDoNotOverflow() {
    assertThat(Calibration.platt(1, 0, 1).apply(new float[] {1000})).containsExactly(1f);
    assertThat(Calibration.platt(1, 0, 1).apply(new float[] {-1000})).containsExactly(0f);
    assertThat(Calibration.temperature(0.5, 1).apply(new float[] {1000, -1000}))
        .containsExactly(1f, 0f);
  }

  @Test
  void valuesThatWouldChangeTheOrderAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.platt(-1, 0, 1))
        .withMessage(
            "Invalid slope: -1.0. It must be positive, so that a higher logit means a higher probability.");
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.platt(Double.NaN, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.temperature(0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.platt(1, Double.POSITIVE_INFINITY, 1))
        .withMessageContaining("Invalid intercept: Infinity.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Calibration.platt(1, 0, 0))
        .withMessage("Invalid pairs: 0. It must be positive.");
  }

  @Test
  void aMethodFitsOneLabelOrSeveral() {
    assertThat(Calibration.platt(1, 0, 1).fits(1)).isTrue();
    assertThat(Calibration.platt(1, 0, 1).fits(3)).isFalse();
    assertThat(Calibration.temperature(1, 1).fits(1)).isFalse();
    assertThat(Calibration.temperature(1, 1).fits(2)).isTrue();
  }

  @Test
  void theReportHasTheFormula() {
    assertThat(Calibration.platt(0.5, -0.25, 1200))
        .hasToString("platt: sigmoid(0.5000 * logit -0.2500), fitted to 1,200 pairs");
    assertThat(Calibration.temperature(1.5, 20))
        .hasToString("temperature: softmax(logits / 1.5000), fitted to 20 pairs");
  }
}
