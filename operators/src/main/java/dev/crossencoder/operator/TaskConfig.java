package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of a task, which are the same for all of its models.
 *
 * @param capacity the largest number of records in flight
 * @param driftReference what the distribution of the last scores is compared with; null for nothing
 */
record TaskConfig(
    int capacity,
    ResultOrder order,
    Duration timeout,
    TimeoutAction onTimeout,
    ScoreReference driftReference)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Duration MIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

  TaskConfig {
    check(
        timeout.compareTo(MIN_TIMEOUT) >= 0 && timeout.compareTo(MAX_TIMEOUT) <= 0,
        CrossEncoderFunctionOptions.TIMEOUT,
        timeout,
        "It must be from 10 s to 1 d: it covers waiting in the queue, and guards against a device that hangs.");
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static TaskConfig from(ReadableConfig config) {
    return new TaskConfig(
        read(config, CrossEncoderFunctionOptions.CAPACITY),
        read(config, CrossEncoderFunctionOptions.ORDER),
        read(config, CrossEncoderFunctionOptions.TIMEOUT),
        read(config, CrossEncoderFunctionOptions.ON_TIMEOUT),
        driftReference(config));
  }

  private static ScoreReference driftReference(ReadableConfig config) {
    String text = read(config, CrossEncoderFunctionOptions.DRIFT_REFERENCE);
    if (text == null) {
      return null;
    }
    try {
      return ScoreReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.DRIFT_REFERENCE,
          "%s. %s Write it with 'cross-encoder evaluate --drift-reference'."
              .formatted(text, e.getMessage()),
          e);
    }
  }
}
