package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.job.options.JobOptions.Delivery;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;

/**
 * The delivery guarantee and the options of transactions. Part of the job graph.
 *
 * @param guarantee the delivery guarantee
 * @param transactionPrefix the prefix of transactional ids
 * @param longestOutage the longest time between a failure and the job running again
 * @param lostTransaction the reaction to a transaction that Kafka has aborted
 * @param checkpointInterval the interval between checkpoints; null for the cluster's setting
 */
@PublicEvolving
public record DeliveryConfig(
    Delivery guarantee,
    String transactionPrefix,
    Duration longestOutage,
    LostTransaction lostTransaction,
    Duration checkpointInterval)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Kafka stores the sum of two such times as milliseconds in 32 bits. */
  private static final Duration LONGEST_TIME = Duration.ofDays(10);

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

  public DeliveryConfig {
    if (longestOutage.isNegative() || longestOutage.compareTo(LONGEST_TIME) > 0) {
      throw new InvalidOptionException(
          JobOptions.LONGEST_OUTAGE, longestOutage, "It must be from 0 to 10 d.");
    }
    if (checkpointInterval != null
        && (checkpointInterval.compareTo(SHORTEST_INTERVAL) < 0
            || checkpointInterval.compareTo(LONGEST_TIME) > 0)) {
      throw new InvalidOptionException(
          JobOptions.CHECKPOINT_INTERVAL, checkpointInterval, "It must be from 10 ms to 10 d.");
    }
  }

  /** Whether results are written in transactions. */
  public boolean exactlyOnce() {
    return guarantee == Delivery.EXACTLY_ONCE;
  }

  static DeliveryConfig from(Configuration config, String jobName) {
    String prefix = read(config, JobOptions.TRANSACTION_PREFIX);
    return new DeliveryConfig(
        read(config, JobOptions.DELIVERY),
        prefix == null ? jobName : prefix,
        read(config, JobOptions.LONGEST_OUTAGE),
        read(config, JobOptions.LOST_TRANSACTION),
        read(config, JobOptions.CHECKPOINT_INTERVAL));
  }
}
