package dev.crossencoder.kafka;

import org.apache.kafka.common.utils.Exit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes from Kafka the means to end the JVM, for the rest of the JVM's life.
 *
 * <p>Kafka halts the process in a few hopeless states, the likeliest here being a data folder that
 * was deleted under a running broker. With this in place the state is logged as an error and the
 * Kafka thread that met it ends with an {@link IllegalStateException}.
 */
final class NoExit {
  private static final Logger LOG = LoggerFactory.getLogger(NoExit.class);

  private NoExit() {}

  /** Called by any thread, any number of times. */
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
