package dev.crossencoder.evaluation.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(1_000, 7);

  @Test
  void theSameSeedGivesTheSameDifference() {
    double[] first = {0.1, 0.5, 0.3, 0.9};
    double[] second = {0.2, 0.4, 0.6, 0.8};

    assertThat(BOOTSTRAP.ofMeans(first, second)).isEqualTo(BOOTSTRAP.ofMeans(first, second));
    assertThat(new PairedBootstrap(1_000, 8).ofMeans(first, second))
        .isNotEqualTo(BOOTSTRAP.ofMeans(first, second));
  }

  @Test
  void equalSystemsHaveThePValueOne() {
    double[] values = {0.1, 0.5, 0.3};

    assertThat(BOOTSTRAP.ofMeans(values, values)).isEqualTo(new Difference(0, 0, 0, 1));
  }

  @Test
  void aConstantGainIsSignificant() {
    Difference found = BOOTSTRAP.ofMeans(new double[50], filled(0.25));

    assertThat(found.value()).isEqualTo(0.25);
    assertThat(found.low()).isEqualTo(0.25);
    assertThat(found.pValue()).isEqualTo(2.0 / 1_001);
  }

  private static double[] filled(double value) {
    double[] values = new double[50];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void aSampleWithoutADifferenceIsReplacedAndTooManyAreRefused() {
    assertThat(BOOTSTRAP.of(3, sample -> sample[0] == 0 ? Double.NaN : 1).low()).isEqualTo(1);
    assertThatThrownBy(() -> BOOTSTRAP.of(3, sample -> Double.NaN))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith(
            "Cannot compare, the figure is not defined for most samples of the 3 pairs.");
    assertThatThrownBy(() -> BOOTSTRAP.of(0, sample -> 1)).isInstanceOf(InvalidDataException.class);
  }

  @Test
  void tooFewResamplesAreRefused() {
    assertThatThrownBy(() -> new PairedBootstrap(99, 1))
        .hasMessage("Invalid number of resamples: 99. It must be at least 100.");
  }
}
