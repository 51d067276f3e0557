package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The validated options of {@link CrossEncoderFunction}. A component is null if its default depends
 * on the model or the machine.
 *
 * @param background whether the model scores only with cores that no other one wants; no option of
 *     its own
 */
record ScoringConfig(
    String model,
    String modelDigest,
    Duration modelWait,
    Precision precision,
    ActivationChoice activation,
    Integer maxLength,
    Truncation truncation,
    String prompt,
    String promptName,
    RankConfig rank,
    LabelThresholds thresholds,
    ClassifyConfig classify,
    LongDocumentConfig longDocument,
    Integer maxPairs,
    Integer maxTokens,
    Duration linger,
    int capacity,
    ResultOrder order,
    Duration timeout,
    TimeoutAction onTimeout,
    String device,
    String deviceResource,
    Integer cpuThreads,
    Integer tokenizerThreads,
    boolean allowSlow,
    long cacheBytes,
    CascadeConfig cascade,
    ScoreReference driftReference,
    boolean background)
    implements Serializable {
  /** The device option's value that lets the task choose among those of its TaskManager. */
  static final String AUTO_DEVICE = "auto";

  private static final int MAX_DEFAULT_TOKENIZERS = 4;
  private static final Duration MIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_TIMEOUT = Duration.ofDays(1);
  private static final Duration MAX_MODEL_WAIT = Duration.ofDays(1);
  private static final Duration MAX_LINGER = Duration.ofSeconds(1);
  private static final MemorySize MIN_CACHE = MemorySize.parse("64kb");

  ScoringConfig {
    check(
        model != null && !model.isBlank(),
        CrossEncoderFunctionOptions.MODEL,
        model == null ? "missing" : model,
        "Name a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or demo-rank, demo-qa or demo-nli.");
    InvalidOptionException.checkDigest(CrossEncoderFunctionOptions.MODEL_DIGEST, modelDigest);
    check(
        !modelWait.isNegative() && modelWait.compareTo(MAX_MODEL_WAIT) <= 0,
        CrossEncoderFunctionOptions.MODEL_WAIT,
        modelWait,
        "It must be from 0, which tries once, to 1 d.");
    check(
        maxLength == null || maxLength >= 4,
        CrossEncoderFunctionOptions.MAX_LENGTH,
        maxLength,
        "It must be at least 4, room for special tokens and some text; leave it out for the model's own.");
    check(
        prompt == null || promptName == null,
        CrossEncoderFunctionOptions.PROMPT_NAME,
        promptName,
        "Set it or %s, not both.".formatted(CrossEncoderFunctionOptions.PROMPT.key()));
    checkPositive(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, maxPairs);
    checkPositive(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, maxTokens);
    int fewestMaxPairs = orElse(maxPairs, BatchLimits.DEFAULT.maxPairs());
    check(
        !linger.isNegative() && linger.compareTo(MAX_LINGER) <= 0,
        CrossEncoderFunctionOptions.BATCH_LINGER,
        linger,
        "It must be between 0 and 1 s.");
    check(
        capacity >= 2L * fewestMaxPairs,
        CrossEncoderFunctionOptions.CAPACITY,
        capacity,
        "It must be at least twice %s, %d, so that the next batch fills while one is scored. Raise it, or lower the batch."
            .formatted(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS.key(), fewestMaxPairs));
    check(
        timeout.compareTo(MIN_TIMEOUT) >= 0 && timeout.compareTo(MAX_TIMEOUT) <= 0,
        CrossEncoderFunctionOptions.TIMEOUT,
        timeout,
        "It must be from 10 s to 1 d: it covers waiting in the queue, and guards against a device that hangs.");
    check(
        device.equals(AUTO_DEVICE) || Device.isName(device),
        CrossEncoderFunctionOptions.DEVICE,
        device,
        "It must be auto, cpu, or gpu with a number.");
    checkPositive(CrossEncoderFunctionOptions.CPU_THREADS, cpuThreads);
    checkPositive(CrossEncoderFunctionOptions.TOKENIZER_THREADS, tokenizerThreads);
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
    Truncation chosen = read(config, CrossEncoderFunctionOptions.TRUNCATION).truncation();
    boolean isSet = config.getOptional(CrossEncoderFunctionOptions.TRUNCATION).isPresent();
    return new ScoringConfig(
        read(config, CrossEncoderFunctionOptions.MODEL),
        read(config, CrossEncoderFunctionOptions.MODEL_DIGEST),
        read(config, CrossEncoderFunctionOptions.MODEL_WAIT),
        read(config, CrossEncoderFunctionOptions.PRECISION).precision(),
        read(config, CrossEncoderFunctionOptions.ACTIVATION),
        read(config, CrossEncoderFunctionOptions.MAX_LENGTH),
        isSet ? chosen : byDefault,
        read(config, CrossEncoderFunctionOptions.PROMPT),
        read(config, CrossEncoderFunctionOptions.PROMPT_NAME),
        RankConfig.from(config),
        LabelThresholds.from(config),
        ClassifyConfig.from(config),
        LongDocumentConfig.from(config),
        read(config, CrossEncoderFunctionOptions.BATCH_MAX_PAIRS),
        read(config, CrossEncoderFunctionOptions.BATCH_MAX_TOKENS),
        read(config, CrossEncoderFunctionOptions.BATCH_LINGER),
        read(config, CrossEncoderFunctionOptions.CAPACITY),
        read(config, CrossEncoderFunctionOptions.ORDER),
        read(config, CrossEncoderFunctionOptions.TIMEOUT),
        read(config, CrossEncoderFunctionOptions.ON_TIMEOUT),
        read(config, CrossEncoderFunctionOptions.DEVICE),
        read(config, CrossEncoderFunctionOptions.DEVICE_RESOURCE),
        read(config, CrossEncoderFunctionOptions.CPU_THREADS),
        read(config, CrossEncoderFunctionOptions.TOKENIZER_THREADS),
        read(config, CrossEncoderFunctionOptions.ALLOW_SLOW),
        read(config, CrossEncoderFunctionOptions.CACHE_MAX_SIZE).getBytes(),
        CascadeConfig.from(config),
        driftReference(config),
        false);
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

  /**
   * Returns the options of the first model of a cascade: those of the main model that concern the
   * device, batches and the division of long texts, and the defaults of the others.
   */
  ScoringConfig ofFirstModel() {
    return new ScoringConfig(
        cascade.model(),
        cascade.modelDigest(),
        modelWait,
        CrossEncoderFunctionOptions.PRECISION.defaultValue().precision(),
        ActivationChoice.AUTO,
        null,
        CrossEncoderFunctionOptions.TRUNCATION.defaultValue().truncation(),
        null,
        null,
        rank,
        thresholds,
        classify,
        longDocument.withoutEvidence(),
        maxPairs,
        maxTokens,
        linger,
        capacity,
        order,
        timeout,
        onTimeout,
        device,
        deviceResource,
        cpuThreads,
        tokenizerThreads,
        allowSlow,
        cacheBytes,
        CascadeConfig.NONE,
        driftReference,
        background);
  }

  /**
   * Returns these options for another revision of the model.
   *
   * @param newModel the model
   * @param newDigest the digest that it must have; null for any
   * @param newModelWait how long it is waited for while it is unavailable
   */
  ScoringConfig ofRevision(String newModel, String newDigest, Duration newModelWait) {
    return new ScoringConfig(
        newModel,
        newDigest,
        newModelWait,
        precision,
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        rank,
        thresholds,
        classify,
        longDocument,
        maxPairs,
        maxTokens,
        linger,
        capacity,
        order,
        timeout,
        onTimeout,
        device,
        deviceResource,
        cpuThreads,
        tokenizerThreads,
        allowSlow,
        cacheBytes,
        cascade,
        driftReference,
        background);
  }

  /** Returns these options for a model that scores only with cores that no other one wants. */
  ScoringConfig inBackground() {
    return new ScoringConfig(
        model,
        modelDigest,
        modelWait,
        precision,
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        rank,
        thresholds,
        classify,
        longDocument,
        maxPairs,
        maxTokens,
        linger,
        capacity,
        order,
        timeout,
        onTimeout,
        device,
        deviceResource,
        cpuThreads,
        tokenizerThreads,
        allowSlow,
        cacheBytes,
        cascade,
        driftReference,
        true);
  }

  /**
   * Returns the batch limits for a device: the options, or else the defaults of the device. A
   * default number of pairs is at most half of the capacity.
   */
  BatchLimits limits(String scoringDevice) {
    BatchLimits defaults = BatchLimits.defaultsOf(new Device(scoringDevice));
    return new BatchLimits(
        orElse(maxPairs, Math.min(defaults.maxPairs(), capacity / 2)),
        orElse(maxTokens, defaults.maxTokens()));
  }

  /**
   * Returns how many threads tokenize for a model on a device: the option, or else half of the
   * cores, up to four.
   *
   * @param cores the cores of the slots that use the model
   */
  int tokenizerThreads(int cores) {
    return orElse(tokenizerThreads, Math.max(1, Math.min(MAX_DEFAULT_TOKENIZERS, cores / 2)));
  }

  private static int orElse(Integer value, int other) {
    return value == null ? other : value;
  }

  private static void checkPositive(ConfigOption<Integer> option, Integer value) {
    check(value == null || value > 0, option, value, "It must be positive.");
  }
}
