package dev.crossencoder.operator;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.util.clock.Clock;
import org.apache.flink.util.clock.SystemClock;

/**
 * Keeps what may happen with every record from filling the log: permits one message a minute. Safe
 * for use by several threads.
 */
final class LogLimit {
  static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Clock clock;
  private final AtomicLong next;

  LogLimit() {
    this(SystemClock.getInstance());
  }

  LogLimit(Clock clock) {
    this.clock = clock;
    this.next = new AtomicLong(clock.relativeTimeNanos());
  }

  /** Whether to log now. */
  boolean permits() {
    long now = clock.relativeTimeNanos();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + INTERVAL.toNanos());
  }
}
