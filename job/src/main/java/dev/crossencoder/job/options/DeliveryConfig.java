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
 * What a reader of the output sees after failures. Part of the job graph.
 *
 * @param guarantee how often it sees a result
 * @param transactionPrefix what the ids of transactions start with
 * @param longestOutage the longest time between a failure and the job running again
 * @param lostTransaction what to do about a transaction that Kafka has aborted
 * @param checkpointInterval how often to checkpoint; null for what the cluster says
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

  /** Kafka takes the sum of two as a number of milliseconds in 32 bits. */
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
