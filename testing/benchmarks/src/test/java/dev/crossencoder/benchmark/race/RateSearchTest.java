package dev.crossencoder.benchmark.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateSearchTest {
  private static double search(double estimate, double limit, int steps) {
    RateSearch search = new RateSearch(estimate, steps);
    while (search.goesOn()) {
      search.note(search.rate() <= limit);
    }
    return search.sustained();
  }

  @Test
  void theRateIsFoundFromAnEstimateThatIsTooHighOrTooLow() {
    assertThat(search(130, 100, 10)).isCloseTo(100, within(4.0)).isLessThanOrEqualTo(100);
    assertThat(search(70, 100, 10)).isCloseTo(100, within(4.0)).isLessThanOrEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(doubles = {40, 60, 80, 98, 100, 120, 140})
  void anEstimateThatIsFarTooLowCostsFewSteps(double limit) {
    assertThat(search(35, limit, 8)).isBetween(0.92 * limit, limit);
  }

  @Test
  void theSearchEndsAfterItsSteps() {
    RateSearch search = new RateSearch(100, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(search.goesOn()).isTrue();
      search.note(true);
    }

    assertThat(search.goesOn()).isFalse();
    assertThat(search.sustained()).isGreaterThan(100);
  }

  @Test
  void nothingIsSustainedIfEachRateFails() {
    assertThat(search(100, 0, 4)).isZero();
  }
}
