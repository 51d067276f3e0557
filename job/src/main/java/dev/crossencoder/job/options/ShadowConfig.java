package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * A second model that scores a sample of the records, to be compared with the first one. Part of
 * the job graph.
 *
 * @param model the model
 * @param sample the share of the records, from 0.0001 to 1
 * @param topic the topic for records that both have scored; null for metrics only
 */
@PublicEvolving
public record ShadowConfig(String model, double sample, String topic) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double SMALLEST_SAMPLE = 0.0001;

  /** Few records wait: what is not scored soon is left out. */
  private static final int CAPACITY = 64;

  /** Small batches, so that the first model does not wait long for a core. */
  private static final int BATCH_PAIRS = 16;

  private static final int BATCH_TOKENS = 512;

  /** Options that choose among results, or that belong to the first model alone. */
  private static final List<ConfigOption<?>> OF_THE_FIRST_MODEL =
      List.of(
          CrossEncoderFunctionOptions.MODELS,
          CrossEncoderFunctionOptions.MODELS_MAX_LOADED,
          CrossEncoderFunctionOptions.MODELS_MAX_SIZE,
          CrossEncoderFunctionOptions.ROUTE_DEFAULT,
          CrossEncoderFunctionOptions.MODEL,
          CrossEncoderFunctionOptions.MODEL_DIGEST,
          CrossEncoderFunctionOptions.TOP_N,
          CrossEncoderFunctionOptions.MIN_SCORE,
          CrossEncoderFunctionOptions.LABEL_THRESHOLD,
          CrossEncoderFunctionOptions.CASCADE_MODEL,
          CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST,
          CrossEncoderFunctionOptions.CASCADE_KEEP,
          CrossEncoderFunctionOptions.CASCADE_MARGIN,
          CrossEncoderFunctionOptions.CACHE_MAX_SIZE,
          CrossEncoderFunctionOptions.BATCH_MAX_PAIRS,
          CrossEncoderFunctionOptions.BATCH_MAX_TOKENS,
          CrossEncoderFunctionOptions.CAPACITY,
          CrossEncoderFunctionOptions.ORDER,
          CrossEncoderFunctionOptions.ON_TIMEOUT);

  public ShadowConfig {
    if (!(sample >= SMALLEST_SAMPLE && sample <= 1)) {
      throw new InvalidOptionException(
          JobOptions.SHADOW_SAMPLE,
          sample,
          "It must be from %s to 1; leave %s out for no shadow."
              .formatted(SMALLEST_SAMPLE, JobOptions.SHADOW_MODEL.key()));
    }
    if (topic != null) {
      TopicNames.check(JobOptions.SHADOW_TOPIC, topic);
    }
  }

  /** Returns the options; null if there is no shadow. */
  static ShadowConfig from(Configuration config) {
    String model = read(config, JobOptions.SHADOW_MODEL);
    if (model != null) {
      return new ShadowConfig(
          model, read(config, JobOptions.SHADOW_SAMPLE), read(config, JobOptions.SHADOW_TOPIC));
    }
    for (ConfigOption<?> option : List.of(JobOptions.SHADOW_SAMPLE, JobOptions.SHADOW_TOPIC)) {
      if (config.getOptional(option).isPresent()) {
        throw new InvalidOptionException(
            option,
            read(config, option),
            "It needs %s, the model that is compared.".formatted(JobOptions.SHADOW_MODEL.key()));
      }
    }
    return null;
  }

  /**
   * Returns the options of the operator for this model: those of the first one, without what
   * chooses among results.
   */
  @Internal
  public Configuration operator(Configuration ofFirst) {
    Configuration options = new Configuration();
    CrossEncoderFunctionOptions.all().stream()
        .filter(option -> !OF_THE_FIRST_MODEL.contains(option))
        .flatMap(option -> CrossEncoderFunctionOptions.keys(option).stream())
        .filter(ofFirst.toMap()::containsKey)
        .forEach(key -> options.setString(key, ofFirst.toMap().get(key)));
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    options.set(CrossEncoderFunctionOptions.CAPACITY, CAPACITY);
    options.set(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, BATCH_PAIRS);
    options.set(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, BATCH_TOKENS);
    options.set(
        CrossEncoderFunctionOptions.ORDER, CrossEncoderFunctionOptions.ResultOrder.UNORDERED);
    options.set(
        CrossEncoderFunctionOptions.ON_TIMEOUT,
        CrossEncoderFunctionOptions.TimeoutAction.DEAD_LETTER);
    return options;
  }
}
