package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScoreReferenceTest {
  private static double[] normal(long seed, double mean, double deviation, int count) {
    Random random = new Random(seed);
    return DoubleStream.generate(() -> mean + deviation * random.nextGaussian())
        .limit(count)
        .toArray();
  }

  @Test
  void binsAreDeciles() {
    ScoreReference reference =
        ScoreReference.of(IntStream.range(0, 1000).asDoubleStream().toArray());

    assertThat(reference.edges()).hasSize(9).first().isEqualTo(100f);
    assertThat(reference.shares())
        .hasSize(10)
        .allSatisfy(share -> assertThat(share).isCloseTo(0.1, within(0.0011)));
  }

  @Test
  void equalScoresAreOneBin() {
    double[] scores = new double[200];
    for (int i = 0; i < 40; i++) {
      scores[i] = 1 + i;
    }

    ScoreReference reference = ScoreReference.of(scores);

    assertThat(reference.edges()).doesNotHaveDuplicates().first().isEqualTo(0f);
    assertThat(reference.shares().get(0)).isEqualTo(0.8);
    assertThat(reference.stabilityIndex(scores)).isZero();
  }

  @Test
  void itsTextMakesTheSame() {
    ScoreReference reference = ScoreReference.of(normal(1, 0, 3, 1000));

    ScoreReference parsed = ScoreReference.parse(reference.text());

    assertThat(parsed.edges()).isEqualTo(reference.edges());
    assertThat(parsed.text()).isEqualTo(reference.text());
    for (String wrong : List.of("", "1,2", "2,1|0.3,0.3,0.4", "1|0.5", "1|0.5,0.6", "x|0.5,0.5")) {
      assertThatThrownBy(() -> ScoreReference.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** By hand: (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln (2 / 3). */
  @Test
  void theStabilityIndexIsTheSumOverTheBins() {
    ScoreReference reference = new ScoreReference(List.of(0f), List.of(0.25, 0.75));

    assertThat(reference.stabilityIndex(new double[] {-1, 0, 1, 2}))
        .isCloseTo(0.25 * Math.log(2) - 0.25 * Math.log(2 / 3.0), within(1e-12));
    assertThat(reference.stabilityIndex(new double[0])).isNaN();
    // No score in the first bin.
    assertThat(reference.stabilityIndex(new double[] {1, 2})).isFinite().isGreaterThan(1);
  }

  @Test
  void theSameDistributionIsStableAndAnotherIsNot() {
    ScoreReference reference = ScoreReference.of(normal(1, 0, 1, 20_000));

    assertThat(reference.stabilityIndex(normal(2, 0, 1, 1_000))).isLessThan(0.05);
    assertThat(reference.stabilityIndex(normal(3, 0.7, 1, 1_000))).isGreaterThan(0.25);
    assertThat(reference.stabilityIndex(normal(4, 0, 3, 1_000))).isGreaterThan(0.25);
  }

  @Test
  void theWindowHasTheLastScores() {
    ScoreWindow window = new ScoreWindow();
    assertThat(window.quantile(0.5)).isNaN();
    for (int i = 0; i < 5 * ScoreWindow.SCORES / 2; i++) {
      window.add(i);
    }

    assertThat(window.scores()).hasSize(ScoreWindow.SCORES).contains(2499.0).doesNotContain(1499.0);
    assertThat(window.quantile(0.5)).isEqualTo(2000);
    assertThat(window.quantile(1)).isEqualTo(2499);
  }
}
