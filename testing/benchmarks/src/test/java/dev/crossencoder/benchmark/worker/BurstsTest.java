package dev.crossencoder.benchmark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BurstsTest {
  /** A burst of 32 every 400 ms, 1 ms between its results. */
  private static long[] times(int count) {
    return IntStream.range(0, count).mapToLong(i -> i / 32 * 400L + i % 32).toArray();
  }

  @Test
  void theClockStartsBetweenTwoBursts() {
    assertThat(Bursts.firstAfter(times(400), 100)).isEqualTo(128);
  }

  @Test
  void aWarmUpThatEndsWithABurstIsEnough() {
    assertThat(Bursts.firstAfter(times(400), 128)).isEqualTo(128);
  }

  @Test
  void tooFewResultsAreRefused() {
    assertThatThrownBy(() -> Bursts.firstAfter(times(150), 100))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot measure, only 50 results came after a warm-up of 100.");
  }
}
