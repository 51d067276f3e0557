package dev.crossencoder.benchmark.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LoadScheduleTest {
  private static long between(long[] offsets, double from, double to) {
    return Arrays.stream(offsets).filter(nanos -> nanos >= 1e9 * from && nanos < 1e9 * to).count();
  }

  @Test
  void aConstantRateIsEvenlySpaced() {
    long[] offsets = LoadSchedule.constant(50, 4);

    assertThat(offsets).hasSize(200).startsWith(0, 20_000_000, 40_000_000);
  }

  @Test
  void burstsHaveThreeTimesTheRateBetweenThem() {
    long[] offsets = LoadSchedule.bursts(100);

    assertThat(between(offsets, 0, 5)).isCloseTo(250, within(2L));
    assertThat(between(offsets, 5, 7)).isCloseTo(300, within(4L));
    assertThat(between(offsets, 7, 15)).isCloseTo(400, within(2L));
    assertThat(between(offsets, 15, 17)).isCloseTo(300, within(4L));
    assertThat(offsets.length / 20.0).isCloseTo(100 * LoadSchedule.MEAN_SHARE, within(1.0));
    assertThat(offsets).isSorted();
  }
}
