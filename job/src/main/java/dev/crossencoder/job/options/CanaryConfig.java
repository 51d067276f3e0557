package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;

/**
 * A model that scores a share of the records that name no model.
 *
 * @param model the name of the model
 * @param percent the share of the keys, from 0.01 to 100
 */
@PublicEvolving
public record CanaryConfig(String model, double percent) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double MIN_PERCENT = 0.01;
  private static final double MAX_PERCENT = 100;

  /** Returns the options; null if there is no canary. */
  static CanaryConfig from(Configuration config) {
    String model = read(config, JobOptions.CANARY_MODEL);
    Double percent = read(config, JobOptions.CANARY_PERCENT);
    if (model == null && percent == null) {
      return null;
    }
    if (model == null) {
      throw new InvalidOptionException(
          JobOptions.CANARY_PERCENT,
          percent,
          "It needs %s, the model that scores this share."
              .formatted(JobOptions.CANARY_MODEL.key()));
    }
    if (percent == null) {
      throw new InvalidOptionException(
          JobOptions.CANARY_MODEL,
          model,
          "It needs %s, the share of the keys.".formatted(JobOptions.CANARY_PERCENT.key()));
    }
    if (!(percent >= MIN_PERCENT && percent <= MAX_PERCENT)) {
      throw new InvalidOptionException(
          JobOptions.CANARY_PERCENT,
          percent,
          "It must be from %s to 100; leave it and %s out for no canary."
              .formatted(MIN_PERCENT, JobOptions.CANARY_MODEL.key()));
    }
    return new CanaryConfig(model, percent);
  }
}
