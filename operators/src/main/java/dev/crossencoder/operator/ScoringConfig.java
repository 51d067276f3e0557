package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of {@link CrossEncoderFunction} for one model.
 *
 * @param cacheBytes the size of the cache of scores; 0 for none
 */
record ScoringConfig(
    ModelSource source,
    ActivationChoice activation,
    TextConfig text,
    RankConfig rank,
    LabelThresholds thresholds,
    ClassifyConfig classify,
    BatchConfig batch,
    TaskConfig task,
    DeviceConfig device,
    long cacheBytes,
    CascadeConfig cascade)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final MemorySize MIN_CACHE = MemorySize.parse("64kb");

  ScoringConfig {
    int fewestMaxPairs = orElse(batch.maxPairs(), BatchLimits.DEFAULT.maxPairs());
    check(
        task.capacity() >= 2L * fewestMaxPairs,
        CrossEncoderFunctionOptions.CAPACITY,
        task.capacity(),
        "It must be at least twice %s, %d, so that the next batch fills while one is scored. Raise it, or lower the batch."
            .formatted(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS.key(), fewestMaxPairs));
    check(
        cacheBytes == 0 || cacheBytes >= MIN_CACHE.getBytes(),
        CrossEncoderFunctionOptions.CACHE_MAX_SIZE,
        new MemorySize(cacheBytes),
        "It must be 0, for no cache, or at least %s.".formatted(MIN_CACHE));
  }

  /**
   * Reads and validates the options.
   *
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  static ScoringConfig from(ReadableConfig config) {
    return from(config, CrossEncoderFunctionOptions.TRUNCATION.defaultValue().truncation());
  }

  /**
   * As {@link #from(ReadableConfig)}, with another truncation if the options have none.
   *
   * @param byDefault which text is truncated unless the options say otherwise
   */
  static ScoringConfig from(ReadableConfig config, Truncation byDefault) {
    return new ScoringConfig(
        ModelSource.from(config),
        read(config, CrossEncoderFunctionOptions.ACTIVATION),
        TextConfig.from(config, byDefault),
        RankConfig.from(config),
        LabelThresholds.from(config),
        ClassifyConfig.from(config),
        BatchConfig.from(config),
        TaskConfig.from(config),
        DeviceConfig.from(config),
        read(config, CrossEncoderFunctionOptions.CACHE_MAX_SIZE).getBytes(),
        CascadeConfig.from(config));
  }

  /**
   * Returns the options of the first model of a cascade: those of the main model, apart from the
   * model and what says how it reads texts and makes scores, which are its own. Long texts are
   * divided as for the main model.
   */
  ScoringConfig ofFirstModel() {
    return with(
        new ModelSource(
            cascade.model(),
            cascade.modelDigest(),
            source.maxWait(),
            CrossEncoderFunctionOptions.PRECISION.defaultValue().precision(),
            source.allowSlow()),
        ActivationChoice.AUTO,
        text.ofFirstModel(),
        device,
        CascadeConfig.NONE);
  }

  /**
   * Returns these options for another revision of the model.
   *
   * @param newModel the model
   * @param newDigest the digest that it must have; null for any
   * @param newMaxWait how long it is waited for while it is unavailable
   */
  ScoringConfig ofRevision(String newModel, String newDigest, Duration newMaxWait) {
    ModelSource revision =
        new ModelSource(newModel, newDigest, newMaxWait, source.precision(), source.allowSlow());
    return with(revision, activation, text, device, cascade);
  }

  /** Returns these options for a model that scores only with cores that no other one wants. */
  ScoringConfig inBackground() {
    return with(source, activation, text, device.inBackground(), cascade);
  }

  private ScoringConfig with(
      ModelSource newSource,
      ActivationChoice newActivation,
      TextConfig newText,
      DeviceConfig newDevice,
      CascadeConfig newCascade) {
    return new ScoringConfig(
        newSource,
        newActivation,
        newText,
        rank,
        thresholds,
        classify,
        batch,
        task,
        newDevice,
        cacheBytes,
        newCascade);
  }

  /**
   * Returns the batch limits for a device: the options, or else the defaults of the device. A
   * default number of pairs is at most half of the capacity.
   */
  BatchLimits limits(String scoringDevice) {
    BatchLimits defaults = BatchLimits.defaultsOf(new Device(scoringDevice));
    return new BatchLimits(
        orElse(batch.maxPairs(), Math.min(defaults.maxPairs(), task.capacity() / 2)),
        orElse(batch.maxTokens(), defaults.maxTokens()));
  }

  private static int orElse(Integer value, int other) {
    return value == null ? other : value;
  }
}
