package dev.crossencoder.operator;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.util.clock.Clock;
import org.apache.flink.util.clock.SystemClock;

/**
 * Limits log messages about events that can occur with every record to one a minute. Thread-safe.
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

  /** Returns true at most once a minute, when the caller may log. */
  boolean permits() {
    long now = clock.relativeTimeNanos();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + INTERVAL.toNanos());
  }
}
