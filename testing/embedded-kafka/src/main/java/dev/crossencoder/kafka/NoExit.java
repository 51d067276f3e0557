package dev.crossencoder.kafka;

import org.apache.kafka.common.utils.Exit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prevents Kafka from ending the JVM, for the rest of the JVM's life.
 *
 * <p>Kafka halts the process in a few fatal states, for example if the data folder of a running
 * broker was deleted. After the call, Kafka logs an error instead, and the thread ends with an
 * {@link IllegalStateException}.
 */
final class NoExit {
  private static final Logger LOG = LoggerFactory.getLogger(NoExit.class);

  private NoExit() {}

  /** Installs the procedures. May be called by any thread, more than once. */
  static void install() {
    Exit.setExitProcedure(NoExit::refuse);
    Exit.setHaltProcedure(NoExit::refuse);
  }

  private static void refuse(int status, String message) {
    IllegalStateException refusal =
        new IllegalStateException(
            "Cannot go on with this embedded broker, Kafka asked to end the JVM with status "
                + status
                + (message == null ? "" : ": " + message));
    LOG.error("An embedded broker is unusable from now on; the JVM stays up", refusal);
    throw refusal;
  }
}
