package dev.crossencoder.job.kafka;

import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes parts of operators. If an exception leaves the clean-up of a failed task, Flink treats it
 * as a fatal error and ends the TaskManager, with all other jobs that run there.
 */
@Internal
public final class SafeClose {
  private static final Logger LOG = LoggerFactory.getLogger(SafeClose.class);

  private SafeClose() {}

  /**
   * Closes an object and logs an exception instead of throwing it. The thread stays interrupted if
   * it was interrupted.
   *
   * @param what the name of the object in the log
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
