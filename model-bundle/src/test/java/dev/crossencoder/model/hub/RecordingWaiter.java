package dev.crossencoder.model.hub;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Waits by turning its clock forward. */
final class RecordingWaiter implements Waiter {
  private final List<Duration> waits = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  @Override
  public synchronized void sleep(Duration duration) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    waits.add(duration);
    now = now.plus(duration);
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  synchronized List<Duration> waits() {
    return List.copyOf(waits);
  }
}
