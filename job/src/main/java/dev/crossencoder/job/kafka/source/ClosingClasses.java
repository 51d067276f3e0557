package dev.crossencoder.job.kafka.source;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the classes with which a Kafka client closes its connections, before they are needed.
 *
 * <p>When a job ends, the job manager closes the enumerator's admin client in a thread for which it
 * does not wait, and closes the job's class loader meanwhile. A client whose thread then asks for a
 * class for the first time fails with a {@link NoClassDefFoundError}, and its sockets stay open.
 */
final class ClosingClasses {
  private static final Logger LOG = LoggerFactory.getLogger(ClosingClasses.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ClosingClasses() {}

  /**
   * Loads the classes in a thread of the coordinator. A failure is logged and has no other effect.
   */
  static void load(SplitEnumeratorContext<?> context, Properties kafka) {
    context.callAsync(
        () -> {
          load(kafka);
          return null;
        },
        (nothing, failure) -> {
          if (failure != null) {
            LOG.debug("Cannot load the classes with which a client closes", failure);
          }
        });
  }

  /**
   * Loads the classes by closing a client that has a connection.
   *
   * @throws KafkaException if a client cannot be created with the properties
   */
  static void load(Properties kafka)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Admin admin = Admin.create(kafka)) {
      admin.describeCluster().nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
