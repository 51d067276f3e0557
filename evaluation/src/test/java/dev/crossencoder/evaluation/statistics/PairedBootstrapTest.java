package dev.crossencoder.evaluation.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(1_000, 7);

  @Test
  void theSameSeedGivesTheSameDifference() {
    double[] first = {0.1, 0.5, 0.3, 0.9, 0.4};
    double[] second = {0.2, 0.4, 0.6, 0.8, 0.5};

    assertThat(BOOTSTRAP.ofMeans(first, second)).isEqualTo(BOOTSTRAP.ofMeans(first, second));
    assertThat(new PairedBootstrap(1_000, 8).ofMeans(first, second))
        .isNotEqualTo(BOOTSTRAP.ofMeans(first, second));
  }

  @Test
  void equalSystemsHaveThePValueOne() {
    double[] values = {0.1, 0.5, 0.3, 0.2, 0.7};

    assertThat(BOOTSTRAP.ofMeans(values, values)).isEqualTo(new Difference(0, 0, 0, 1));
  }

  @Test
  void aDifferenceByRoundingOnlyIsNone() {
    double[] first = {0.1, 0.2, 0.3, 0.4, 0.5};
    double[] second = Arrays.stream(first).map(Math::nextUp).toArray();

    assertThat(BOOTSTRAP.ofMeans(first, second).pValue()).isEqualTo(1);
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
  void aResampleWithoutADifferenceIsReplacedForThatFigureAndTooManyAreRefused() {
    Resampling none = counts -> new double[] {0, 0};
    List<Difference> found =
        BOOTSTRAP.of(
            5, none, counts -> new double[] {counts[0] == 0 ? Double.NaN : 1, counts[0]}, i -> {});

    assertThat(found.get(0).low()).isEqualTo(1);
    assertThat(found.get(1).low()).isZero();
    assertThatThrownBy(
            () -> BOOTSTRAP.of(5, none, counts -> new double[] {Double.NaN, 1}, done -> {}))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith(
            "Cannot compare, a figure is not defined for most samples of the 5 pairs.");
  }

  @Test
  void allFiguresOfAResampleAreComputedTogetherFromItsCounts() {
    List<int[]> drawn = new ArrayList<>();
    List<Integer> progress = new ArrayList<>();
    Resampling first =
        counts -> {
          drawn.add(counts.clone());
          return new double[] {counts[0], counts[1]};
        };

    List<Difference> found =
        new PairedBootstrap(100, 7)
            .of(6, first, counts -> new double[] {0, 2.0 * counts[1]}, progress::add);

    assertThat(found).extracting(Difference::value).containsExactly(-1.0, 1.0);
    assertThat(drawn).hasSize(101).allMatch(counts -> Arrays.stream(counts).sum() == 6);
    assertThat(progress).hasSize(100).endsWith(100);
  }

  @Test
  void fewerThanFiveAreRefused() {
    assertThatThrownBy(() -> BOOTSTRAP.ofMeans(new double[4], new double[4]))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot compare, there are only 4 queries or pairs. A bootstrap needs at least 5, and its intervals are too narrow below 30.");
  }

  @Test
  void tooFewResamplesAreRefused() {
    assertThatThrownBy(() -> new PairedBootstrap(99, 1))
        .hasMessage("Invalid number of resamples: 99. It must be at least 100.");
  }
}
