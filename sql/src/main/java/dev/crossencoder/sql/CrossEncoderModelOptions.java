package dev.crossencoder.sql;

import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ChunkScoreChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.LongDocument;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.PrecisionChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TruncationChoice;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ConfigOptions.OptionBuilder;
import org.apache.flink.configuration.ConfigOptions.TypedConfigOptionBuilder;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.HtmlFormatter;

/**
 * The options of {@code CREATE MODEL … WITH ('provider' = 'cross-encoder')}. Those of {@link
 * CrossEncoderFunctionOptions} have the same meaning and default here, and a key without the prefix
 * {@code cross-encoder.}.
 */
@PublicEvolving
public final class CrossEncoderModelOptions {
  private static final String PREFIX = "cross-encoder.";

  /** The operator's keys; a key that begins with another one comes first. */
  private static final List<String> OPERATOR_KEYS =
      CrossEncoderFunctionOptions.all().stream()
          .map((ConfigOption<?> option) -> option.key())
          .sorted(Comparator.comparingInt(String::length).reversed())
          .toList();

  /** {@code model}. */
  public static final ConfigOption<String> MODEL =
      copy(CrossEncoderFunctionOptions.MODEL, key(CrossEncoderFunctionOptions.MODEL).stringType());

  /** {@code model-digest}. */
  public static final ConfigOption<String> MODEL_DIGEST =
      copy(
          CrossEncoderFunctionOptions.MODEL_DIGEST,
          key(CrossEncoderFunctionOptions.MODEL_DIGEST).stringType());

  /** {@code models}: options by their keys {@code NAME.OPTION}. */
  public static final ConfigOption<Map<String, String>> MODELS =
      key(CrossEncoderFunctionOptions.MODELS)
          .mapType()
          .noDefaultValue()
          .withDescription(
              "Several models instead of one, among which the input column route chooses by a name: 'models.NAME.model' and, if that model needs them, further options of its own, such as 'models.NAME.max-length'. The other options are those of all models. Names have letters, digits, - and _. Of its own, a model may have the options that concern models, lengths, prompts, labels, results, long documents and cascades.");

  /** {@code models.max-loaded}. */
  public static final ConfigOption<Integer> MODELS_MAX_LOADED =
      copy(
          CrossEncoderFunctionOptions.MODELS_MAX_LOADED,
          key(CrossEncoderFunctionOptions.MODELS_MAX_LOADED).intType());

  /** {@code models.max-size}. */
  public static final ConfigOption<MemorySize> MODELS_MAX_SIZE =
      copy(
          CrossEncoderFunctionOptions.MODELS_MAX_SIZE,
          key(CrossEncoderFunctionOptions.MODELS_MAX_SIZE).memoryType());

  /** {@code route.default}. */
  public static final ConfigOption<String> ROUTE_DEFAULT =
      key(CrossEncoderFunctionOptions.ROUTE_DEFAULT)
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The name of the model that scores rows whose route is NULL. By default such a row cannot be scored, as one cannot whose route is no name of a model: error-handling-strategy says what happens.");

  /** {@code model-wait}. */
  public static final ConfigOption<Duration> MODEL_WAIT =
      copy(
          CrossEncoderFunctionOptions.MODEL_WAIT,
          key(CrossEncoderFunctionOptions.MODEL_WAIT).durationType());

  /** {@code precision}. */
  public static final ConfigOption<PrecisionChoice> PRECISION =
      copy(
          CrossEncoderFunctionOptions.PRECISION,
          key(CrossEncoderFunctionOptions.PRECISION).enumType(PrecisionChoice.class));

  /** {@code activation}. */
  public static final ConfigOption<ActivationChoice> ACTIVATION =
      copy(
          CrossEncoderFunctionOptions.ACTIVATION,
          key(CrossEncoderFunctionOptions.ACTIVATION).enumType(ActivationChoice.class));

  /** {@code max-length}. */
  public static final ConfigOption<Integer> MAX_LENGTH =
      copy(
          CrossEncoderFunctionOptions.MAX_LENGTH,
          key(CrossEncoderFunctionOptions.MAX_LENGTH).intType());

  /** {@code truncation}. */
  public static final ConfigOption<TruncationChoice> TRUNCATION =
      copy(
          CrossEncoderFunctionOptions.TRUNCATION,
          key(CrossEncoderFunctionOptions.TRUNCATION).enumType(TruncationChoice.class));

  /** {@code prompt}. */
  public static final ConfigOption<String> PROMPT =
      copy(
          CrossEncoderFunctionOptions.PROMPT, key(CrossEncoderFunctionOptions.PROMPT).stringType());

  /** {@code prompt-name}. */
  public static final ConfigOption<String> PROMPT_NAME =
      copy(
          CrossEncoderFunctionOptions.PROMPT_NAME,
          key(CrossEncoderFunctionOptions.PROMPT_NAME).stringType());

  /** {@code long-document}. */
  public static final ConfigOption<LongDocument> LONG_DOCUMENT =
      copy(
          CrossEncoderFunctionOptions.LONG_DOCUMENT,
          key(CrossEncoderFunctionOptions.LONG_DOCUMENT).enumType(LongDocument.class));

  /** {@code chunk.tokens}. */
  public static final ConfigOption<Integer> CHUNK_TOKENS =
      copy(
          CrossEncoderFunctionOptions.CHUNK_TOKENS,
          key(CrossEncoderFunctionOptions.CHUNK_TOKENS).intType());

  /** {@code chunk.overlap}. */
  public static final ConfigOption<Integer> CHUNK_OVERLAP =
      copy(
          CrossEncoderFunctionOptions.CHUNK_OVERLAP,
          key(CrossEncoderFunctionOptions.CHUNK_OVERLAP).intType());

  /** {@code chunk.max}. */
  public static final ConfigOption<Integer> CHUNK_MAX =
      copy(
          CrossEncoderFunctionOptions.CHUNK_MAX,
          key(CrossEncoderFunctionOptions.CHUNK_MAX).intType());

  /** {@code chunk.score}. */
  public static final ConfigOption<ChunkScoreChoice> CHUNK_SCORE =
      copy(
          CrossEncoderFunctionOptions.CHUNK_SCORE,
          key(CrossEncoderFunctionOptions.CHUNK_SCORE).enumType(ChunkScoreChoice.class));

  /** {@code batch.max-pairs}. */
  public static final ConfigOption<Integer> BATCH_MAX_PAIRS =
      copy(
          CrossEncoderFunctionOptions.BATCH_MAX_PAIRS,
          key(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS).intType());

  /** {@code batch.max-tokens}. */
  public static final ConfigOption<Integer> BATCH_MAX_TOKENS =
      copy(
          CrossEncoderFunctionOptions.BATCH_MAX_TOKENS,
          key(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS).intType());

  /** {@code batch.linger}. */
  public static final ConfigOption<Duration> BATCH_LINGER =
      copy(
          CrossEncoderFunctionOptions.BATCH_LINGER,
          key(CrossEncoderFunctionOptions.BATCH_LINGER).durationType());

  /** {@code device}. */
  public static final ConfigOption<String> DEVICE =
      copy(
          CrossEncoderFunctionOptions.DEVICE, key(CrossEncoderFunctionOptions.DEVICE).stringType());

  /** {@code device-resource}. */
  public static final ConfigOption<String> DEVICE_RESOURCE =
      copy(
          CrossEncoderFunctionOptions.DEVICE_RESOURCE,
          key(CrossEncoderFunctionOptions.DEVICE_RESOURCE).stringType());

  /** {@code drift.reference}. */
  public static final ConfigOption<String> DRIFT_REFERENCE =
      copy(
          CrossEncoderFunctionOptions.DRIFT_REFERENCE,
          key(CrossEncoderFunctionOptions.DRIFT_REFERENCE).stringType());

  /** {@code cache.max-size}. */
  public static final ConfigOption<MemorySize> CACHE_MAX_SIZE =
      copy(
          CrossEncoderFunctionOptions.CACHE_MAX_SIZE,
          key(CrossEncoderFunctionOptions.CACHE_MAX_SIZE).memoryType());

  /** {@code cascade.model}. */
  public static final ConfigOption<String> CASCADE_MODEL =
      key(CrossEncoderFunctionOptions.CASCADE_MODEL)
          .stringType()
          .noDefaultValue()
          .withDescription(
              "For a query and its documents: a fast model that scores all documents first, so that the model scores only the best cascade.keep of them. Any name that 'model' accepts. Both models are loaded on the same device. The options of the model do not apply to it: it has its own activation, calibration, maximum length and prompt, truncates the longest text first, and a checkpoint is compiled to fp32. It divides long texts if the model does.");

  /** {@code cascade.model-digest}. */
  public static final ConfigOption<String> CASCADE_MODEL_DIGEST =
      key(CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST)
          .stringType()
          .noDefaultValue()
          .withDescription(
              "The digest that the bundle of cascade.model must have, as model-digest is that of the model.");

  /** {@code cascade.keep}. */
  public static final ConfigOption<Integer> CASCADE_KEEP =
      key(CrossEncoderFunctionOptions.CASCADE_KEEP)
          .intType()
          .defaultValue(CrossEncoderFunctionOptions.CASCADE_KEEP.defaultValue())
          .withDescription(
              "How many documents of a row the model scores: the best ones of cascade.model. In the result they come first, by the scores of the model; the others follow in the order of the first model. Set it to several times top-n.");

  /** {@code cpu.threads}. */
  public static final ConfigOption<Integer> CPU_THREADS =
      copy(
          CrossEncoderFunctionOptions.CPU_THREADS,
          key(CrossEncoderFunctionOptions.CPU_THREADS).intType());

  /** {@code tokenizer-threads}. */
  public static final ConfigOption<Integer> TOKENIZER_THREADS =
      copy(
          CrossEncoderFunctionOptions.TOKENIZER_THREADS,
          key(CrossEncoderFunctionOptions.TOKENIZER_THREADS).intType());

  /** {@code allow-slow}. */
  public static final ConfigOption<Boolean> ALLOW_SLOW =
      copy(
          CrossEncoderFunctionOptions.ALLOW_SLOW,
          key(CrossEncoderFunctionOptions.ALLOW_SLOW).booleanType());

  /** {@code error-handling-strategy}. */
  public static final ConfigOption<ErrorHandlingStrategy> ERROR_HANDLING_STRATEGY =
      ConfigOptions.key("error-handling-strategy")
          .enumType(ErrorHandlingStrategy.class)
          .defaultValue(ErrorHandlingStrategy.FAIL)
          .withDescription(
              "What happens to a row that cannot be scored: the model returns NaN, truncation may not shorten the text that is too long, the device has no memory for the pair, the tokenizer fails, the row was not scored in time, or its route is no name of a model. 'fail' fails the job, which restarts from its checkpoint. With 'ignore', all output columns of the row are NULL, except a column error STRING, if there is one, which has the reason. An error of the engine fails the job with either value.");

  /** {@code top-n}. */
  public static final ConfigOption<Integer> TOP_N =
      ConfigOptions.key("top-n")
          .intType()
          .noDefaultValue()
          .withDescription(
              "The largest number of documents in a result, the best ones. By default all. Only for a model whose input is a query and an array of documents.");

  /** {@code min-score}. */
  public static final ConfigOption<Float> MIN_SCORE =
      ConfigOptions.key("min-score")
          .floatType()
          .noDefaultValue()
          .withDescription(
              "The smallest score, after the activation, of a result. Of a query and its documents, those with a lower score are left out. A pair with a lower score gives no row, and is counted by the metric recordsFiltered; WHERE does the same without the metric. Not for classification.");

  /** {@code label-threshold}. */
  public static final ConfigOption<List<String>> LABEL_THRESHOLD =
      key(CrossEncoderFunctionOptions.LABEL_THRESHOLD)
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "Labels with the smallest score, after the activation, that a result needs, such as 'entailment=0.9;contradiction=0.8'. If none of these labels reaches its threshold, there is no row, and the metric recordsFiltered counts it. For pairs with a model that has several labels, and for classification.");

  /** {@code classify.labels}. */
  public static final ConfigOption<List<String>> CLASSIFY_LABELS =
      key(CrossEncoderFunctionOptions.CLASSIFY_LABELS)
          .stringType()
          .asList()
          .noDefaultValue()
          .withDescription(
              "The labels that a text can get, separated by semicolons, such as 'delivery;billing'; a label that contains a semicolon is put in single quotes, which are doubled in a statement. Required for a model whose input is one column of type STRING, and only for such a model.");

  /** {@code classify.template}. */
  public static final ConfigOption<String> CLASSIFY_TEMPLATE =
      copy(
          CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE,
          key(CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE).stringType());

  /** {@code classify.multi-label}. */
  public static final ConfigOption<Boolean> CLASSIFY_MULTI_LABEL =
      copy(
          CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL,
          key(CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL).booleanType());

  /** {@code classify.entailment-label}. */
  public static final ConfigOption<String> CLASSIFY_ENTAILMENT_LABEL =
      copy(
          CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL,
          key(CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL).stringType());

  private CrossEncoderModelOptions() {}

  /** All options, in the order in which they are documented. */
  public static List<ConfigOption<?>> all() {
    return List.of(
        MODEL,
        MODEL_DIGEST,
        MODELS,
        MODELS_MAX_LOADED,
        MODELS_MAX_SIZE,
        ROUTE_DEFAULT,
        MODEL_WAIT,
        PRECISION,
        ACTIVATION,
        MAX_LENGTH,
        TRUNCATION,
        PROMPT,
        PROMPT_NAME,
        LONG_DOCUMENT,
        CHUNK_TOKENS,
        CHUNK_OVERLAP,
        CHUNK_MAX,
        CHUNK_SCORE,
        TOP_N,
        MIN_SCORE,
        LABEL_THRESHOLD,
        CLASSIFY_LABELS,
        CLASSIFY_TEMPLATE,
        CLASSIFY_MULTI_LABEL,
        CLASSIFY_ENTAILMENT_LABEL,
        ERROR_HANDLING_STRATEGY,
        CASCADE_MODEL,
        CASCADE_MODEL_DIGEST,
        CASCADE_KEEP,
        DRIFT_REFERENCE,
        CACHE_MAX_SIZE,
        BATCH_MAX_PAIRS,
        BATCH_MAX_TOKENS,
        BATCH_LINGER,
        DEVICE,
        DEVICE_RESOURCE,
        CPU_THREADS,
        TOKENIZER_THREADS,
        ALLOW_SLOW);
  }

  /** Returns the operator's key for a key of this class. */
  static String operatorKey(String key) {
    return PREFIX + key;
  }

  /** Returns a text of the operator with the keys that SQL has for its options. */
  static String inSql(String text) {
    String translated = text;
    for (String key : OPERATOR_KEYS) {
      String name =
          key.equals(CrossEncoderFunctionOptions.CAPACITY.key())
              ? "max-concurrent-operations"
              : key.substring(PREFIX.length());
      translated = translated.replace(key, name);
    }
    return translated;
  }

  private static OptionBuilder key(ConfigOption<?> option) {
    return ConfigOptions.key(option.key().substring(PREFIX.length()));
  }

  private static <T> ConfigOption<T> copy(
      ConfigOption<T> option, TypedConfigOptionBuilder<T> typed) {
    ConfigOption<T> copy =
        option.hasDefaultValue()
            ? typed.defaultValue(option.defaultValue())
            : typed.noDefaultValue();
    return copy.withDescription(inSql(new HtmlFormatter().format(option.description())));
  }

  /** Values of {@link #ERROR_HANDLING_STRATEGY}. */
  public enum ErrorHandlingStrategy {
    /** A row that cannot be scored fails the job. */
    FAIL,
    /** A row that cannot be scored has no score. */
    IGNORE;

    /** The value in statements. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
