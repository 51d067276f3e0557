package dev.crossencoder.benchmark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void allPairsOfAFullInputAreDueAtOnce() {
    Schedule schedule = Schedule.full(3);

    assertThat(schedule.size()).isEqualTo(3);
    assertThat(schedule.nanos(2)).isZero();
  }

  @Test
  void theWarmUpComesFirstAndTheOthersAfterAPause() {
    Schedule schedule = Schedule.poisson(4, 2, 100, 5, 1);

    assertThat(schedule.nanos(3)).isZero();
    assertThat(schedule.nanos(4)).isGreaterThan(2_000_000_000L);
    assertThat(schedule.nanos(schedule.size() - 1)).isLessThan(7_000_000_000L);
  }

  @Test
  void gapsAreExponentiallyDistributedAtTheAskedRate() {
    Schedule schedule = Schedule.poisson(0, 0, 1000, 200, 7);
    int count = schedule.size();
    assertThat((double) count).isCloseTo(200_000, within(2_000.0));

    // Mean and deviation of the gaps are equal, and a share of 1/e is longer than the mean.
    double squares = 0;
    int longer = 0;
    for (int i = 1; i < count; i++) {
      double gap = (schedule.nanos(i) - schedule.nanos(i - 1)) / 1e6;
      assertThat(gap).isNotNegative();
      squares += (gap - 1) * (gap - 1);
      longer += gap > 1 ? 1 : 0;
    }
    assertThat(Math.sqrt(squares / count)).isCloseTo(1, within(0.02));
    assertThat((double) longer / count).isCloseTo(1 / Math.E, within(0.005));
  }

  @Test
  void theSameSeedGivesTheSameArrivals() {
    Schedule first = Schedule.poisson(0, 0, 10, 10, 3);
    Schedule again = Schedule.poisson(0, 0, 10, 10, 3);

    assertThat(again.size()).isEqualTo(first.size());
    assertThat(again.nanos(5)).isEqualTo(first.nanos(5));
    assertThat(Schedule.poisson(0, 0, 10, 10, 4).nanos(5)).isNotEqualTo(first.nanos(5));
  }
}
