package dev.crossencoder.benchmark.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static final int COUNT = 1_000;
  private static final long START_MILLIS = 1_000_000;

  /** 100 records per second. */
  private static Sample sample(LongUnaryOperator latencyMillis) {
    long[] intended =
        LongStream.range(0, COUNT).map(i -> 1_000 * (START_MILLIS + 10 * i)).toArray();
    long[] appended =
        LongStream.range(0, COUNT)
            .map(i -> START_MILLIS + 10 * i + latencyMillis.applyAsLong(i))
            .toArray();
    return new Sample(intended, appended, intended[COUNT - 1]);
  }

  @Test
  void aJobWithConstantLatencyKeepsUp() {
    Sample sample = sample(i -> 40);

    assertThat(sample.sustained(COUNT)).isTrue();
    assertThat(sample.achieved()).isCloseTo(100, within(1.0));
    assertThat(sample.percentiles().p50()).isCloseTo(40, within(0.1));
    assertThat(sample.percentiles().count()).isEqualTo(750);
  }

  @Test
  void aJobWithGrowingLatencyDoesNotKeepUp() {
    // 5 % slower than the records come.
    assertThat(sample(i -> 40 + i / 2).sustained(COUNT)).isTrue();
    assertThat(sample(i -> 40 + i).sustained(COUNT)).isFalse();
  }

  @Test
  void aLateStartIsWarmUp() {
    Sample sample = sample(i -> Math.max(40, 2_000 - 10 * i));

    assertThat(sample.sustained(COUNT)).isTrue();
    assertThat(sample.percentiles().p99()).isCloseTo(40, within(0.1));
  }

  @Test
  void aLoadThatWasGivenUpIsNotSustained() {
    assertThat(sample(i -> 40).sustained(COUNT + 1)).isFalse();
  }

  @Test
  void aRecordWithoutOutputIsNotSustained() {
    Sample complete = sample(i -> 40);
    complete.appendedMillis()[999] = 0;

    assertThat(complete.sustained(COUNT)).isFalse();
  }

  @Test
  void theLongestGapIsBetweenOutputs() {
    assertThat(sample(i -> i < 500 ? 40 : 3_040).longestGapSeconds()).isEqualTo(3.01);
  }
}
