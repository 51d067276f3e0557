package dev.crossencoder.job.kafka;

import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes parts of operators. Flink takes an exception from the clean-up of a task that has failed
 * for a fatal error and ends the TaskManager, with all other jobs that run there.
 */
@Internal
public final class SafeClose {
  private static final Logger LOG = LoggerFactory.getLogger(SafeClose.class);

  private SafeClose() {}

  /**
   * Closes something and logs an exception instead of throwing it. An interrupt is kept for the
   * caller.
   *
   * @param what names it in the log
   */
  public static void close(String what, AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("Interrupted while closing {}", what, e);
    } catch (Exception e) {
      LOG.warn(
          "Cannot close {} without an error; the task's own failure says why it ended", what, e);
    }
  }
}
