package dev.crossencoder.operator;

import dev.crossencoder.model.ModelUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.TimeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retries of a task while its model is temporarily unavailable: a late mount, an unreachable
 * hub, a full disk. Waiting uses up none of the restarts that the restart strategy permits. It ends
 * after {@code cross-encoder.model-wait}. Owned by one thread.
 */
final class ModelWait {
  private static final Logger LOG = LoggerFactory.getLogger(ModelWait.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ModelSource source;
  private final String host;
  private final long startNanos = System.nanoTime();
  private final LogLimit log = new LogLimit();
  private long pauseNanos = FIRST_PAUSE.toNanos();

  /**
   * Starts the clock.
   *
   * @param host the host of the TaskManager, for messages
   */
  ModelWait(ModelSource source, String host) {
    this.source = source;
    this.host = host;
  }

  /**
   * Sleeps until the next attempt: 500 ms at first, then twice as long each time, up to 10 s.
   *
   * @throws ModelUnavailableException if {@code cross-encoder.model-wait} has passed; the message
   *     names the model, the host, the reason and what to do
   */
  void pause(ModelUnavailableException reason) throws InterruptedException {
    long left = source.maxWait().toNanos() - (System.nanoTime() - startNanos);
    if (left <= 0) {
      throw new ModelUnavailableException(
          "Cannot get the model %s on the TaskManager at %s, although the task retried for %s: %s Make it available there and start the job again, or raise %s."
              .formatted(
                  source.model(),
                  host,
                  TimeUtils.formatWithHighestUnit(source.maxWait()),
                  reason.getMessage(),
                  CrossEncoderFunctionOptions.MODEL_WAIT.key()),
          reason);
    }
    if (log.permits()) {
      LOG.warn(
          "Cannot get the model {} yet, the task retries for {} ({}). This is logged once a minute at most.",
          source.model(),
          TimeUtils.formatWithHighestUnit(source.maxWait()),
          CrossEncoderFunctionOptions.MODEL_WAIT.key(),
          reason);
    }
    TimeUnit.NANOSECONDS.sleep(Math.min(pauseNanos, left));
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE.toNanos());
  }
}
