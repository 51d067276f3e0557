package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  private final ManualClock clock = new ManualClock();
  private final LogLimit limit = new LogLimit(clock);

  @Test
  void oneMessageAMinuteIsPermitted() {
    assertThat(limit.permits()).isTrue();
    assertThat(limit.permits()).isFalse();

    clock.advanceTime(LogLimit.INTERVAL.minus(Duration.ofNanos(1)));
    assertThat(limit.permits()).isFalse();

    clock.advanceTime(Duration.ofNanos(1));
    assertThat(limit.permits()).isTrue();
    assertThat(limit.permits()).isFalse();
  }
}
