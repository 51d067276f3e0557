package dev.crossencoder.benchmark.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.benchmark.scaling.ScalingResult.Load;
import org.junit.jupiter.api.Test;

class LagTest {
  @Test
  void aLagThatOnlySwingsDoesNotGrow() {
    Lag lag = new Lag();
    for (int i = 0; i < 100; i++) {
      lag.add(i / 10.0, i % 2 == 0 ? 20 : 40);
    }

    assertThat(lag.perSecond()).isCloseTo(0, within(0.1));
  }

  @Test
  void theTrendIsThatOfALineThroughAllSamples() {
    Lag lag = new Lag();
    for (int i = 0; i < 100; i++) {
      lag.add(i / 10.0, 7 + 12 * (i / 10.0) + (i % 2));
    }

    assertThat(lag.perSecond()).isCloseTo(12, within(0.1));
  }

  @Test
  void oneSampleHasNoTrend() {
    Lag lag = new Lag();
    lag.add(1, 1);

    assertThatThrownBy(lag::perSecond).hasMessage("Cannot compute a trend of 1 samples.");
  }

  @Test
  void aTwentiethOfTheRateIsTolerated() {
    assertThat(new Load("m", Layout.ONE_CORE, 0.9, 100, 5).grows()).isFalse();
    assertThat(new Load("m", Layout.ONE_CORE, 0.9, 100, 5.1).grows()).isTrue();
  }
}
