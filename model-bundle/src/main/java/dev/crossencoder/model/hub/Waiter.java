package dev.crossencoder.model.hub;

import java.time.Duration;
import java.time.Instant;

/** The clock and the sleep of the client; replaced in tests. */
interface Waiter {
  /** The system clock. */
  Waiter SYSTEM =
      new Waiter() {
        @Override
        public void sleep(Duration duration) throws InterruptedException {
          Thread.sleep(duration.toMillis());
        }

        @Override
        public Instant now() {
          return Instant.now();
        }
      };

  void sleep(Duration duration) throws InterruptedException;

  Instant now();
}
