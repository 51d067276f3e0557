package dev.crossencoder.job.preflight;

import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Logs warnings of a submission and prints them to standard error, too. With Flink's own
 * configuration, {@code flink run} logs to a file that nobody reads when the submission succeeds.
 */
@Internal
public final class SubmissionWarnings {
  private SubmissionWarnings() {}

  /**
   * Logs a warning and prints it.
   *
   * @param format as of {@link Logger#warn(String, Object...)}
   */
  public static void warn(Logger log, String format, Object... values) {
    log.warn(format, values);
    System.err.println("Warning: " + MessageFormatter.arrayFormat(format, values).getMessage());
  }
}
