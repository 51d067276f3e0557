package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of batches.
 *
 * @param maxPairs the largest number of pairs; null for the default of the device
 * @param maxTokens the largest number of tokens; null for the default of the device
 * @param linger how long a batch that is not full waits for more pairs
 */
record BatchConfig(Integer maxPairs, Integer maxTokens, Duration linger) implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Duration MAX_LINGER = Duration.ofSeconds(1);

  BatchConfig {
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, maxPairs);
    InvalidOptionException.checkPositive(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, maxTokens);
    check(
        !linger.isNegative() && linger.compareTo(MAX_LINGER) <= 0,
        CrossEncoderFunctionOptions.BATCH_LINGER,
        linger,
        "It must be between 0 and 1 s.");
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static BatchConfig from(ReadableConfig config) {
    return new BatchConfig(
        read(config, CrossEncoderFunctionOptions.BATCH_MAX_PAIRS),
        read(config, CrossEncoderFunctionOptions.BATCH_MAX_TOKENS),
        read(config, CrossEncoderFunctionOptions.BATCH_LINGER));
  }
}
