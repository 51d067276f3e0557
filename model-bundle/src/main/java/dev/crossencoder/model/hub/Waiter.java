package dev.crossencoder.model.hub;

import java.time.Duration;
import java.time.Instant;

/** Time, as far as the client waits for it. */
interface Waiter {
  /** The machine's clock. */
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
