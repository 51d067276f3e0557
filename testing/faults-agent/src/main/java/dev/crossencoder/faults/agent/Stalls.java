package dev.crossencoder.faults.agent;

import java.time.Duration;

/** Blocks a thread like native code: interrupts have no effect until the end. */
final class Stalls {
  private Stalls() {}

  static void hang() {
    sleep(Duration.ofDays(365));
  }

  static void sleep(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    boolean interrupted = false;
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      try {
        Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
