package dev.crossencoder.operator;

import dev.crossencoder.model.ModelUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a task waits for a model that cannot be had just now: a mount that is late, a hub that
 * cannot be reached, a full disk. Waiting here costs no restarts, of which a restart strategy may
 * allow few, and ends for a model that nobody has. Owned by one thread.
 */
final class ModelWait {
  private static final Logger LOG = LoggerFactory.getLogger(ModelWait.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ScoringConfig config;
  private final String host;
  private final long startNanos = System.nanoTime();
  private final LogLimit log = new LogLimit();
  private long pauseNanos = FIRST_PAUSE.toNanos();

  /**
   * Starts to wait.
   *
   * @param host where the task runs, for the message
   */
  ModelWait(ScoringConfig config, String host) {
    this.config = config;
    this.host = host;
  }

  /**
   * Returns when it is time to try again.
   *
   * @throws ModelUnavailableException if the time is over, naming the model, the host, the reason
   *     and what to do
   */
  void pause(ModelUnavailableException reason) throws InterruptedException {
    long left = config.modelWait().toNanos() - (System.nanoTime() - startNanos);
    if (left <= 0) {
      throw new ModelUnavailableException(
          "Cannot have the model %s on the TaskManager at %s, it was tried for %s: %s Make it available there and start the job again, or raise %s."
              .formatted(
                  config.model(),
                  host,
                  config.modelWait(),
                  reason.getMessage(),
                  CrossEncoderFunctionOptions.MODEL_WAIT.key()),
          reason);
    }
    if (log.permits()) {
      LOG.warn(
          "Cannot have the model {} yet, it is tried for {} ({}). This is logged once a minute at most.",
          config.model(),
          config.modelWait(),
          CrossEncoderFunctionOptions.MODEL_WAIT.key(),
          reason);
    }
    TimeUnit.NANOSECONDS.sleep(Math.min(pauseNanos, left));
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE.toNanos());
  }
}
