package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.Precision;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options that lead to a model.
 *
 * @param model a folder or a name
 * @param digest the digest that its bundle must have; null for any
 * @param maxWait how long it is waited for while it is unavailable
 * @param precision null for the model's own
 * @param allowSlow whether a precision that the device has no kernels for is permitted
 */
record ModelSource(
    String model, String digest, Duration maxWait, Precision precision, boolean allowSlow)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  ModelSource {
    check(
        model != null && !model.isBlank(),
        CrossEncoderFunctionOptions.MODEL,
        model == null ? "missing" : model,
        "Name a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or demo-rank, demo-qa or demo-nli.");
    InvalidOptionException.checkDigest(CrossEncoderFunctionOptions.MODEL_DIGEST, digest);
    check(
        !maxWait.isNegative() && maxWait.compareTo(LONGEST_WAIT) <= 0,
        CrossEncoderFunctionOptions.MODEL_WAIT,
        maxWait,
        "It must be from 0, which tries once, to 1 d.");
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  static ModelSource from(ReadableConfig config) {
    return new ModelSource(
        read(config, CrossEncoderFunctionOptions.MODEL),
        read(config, CrossEncoderFunctionOptions.MODEL_DIGEST),
        read(config, CrossEncoderFunctionOptions.MODEL_WAIT),
        read(config, CrossEncoderFunctionOptions.PRECISION).precision(),
        read(config, CrossEncoderFunctionOptions.ALLOW_SLOW));
  }
}
