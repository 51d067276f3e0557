package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;
import static dev.crossencoder.operator.InvalidOptionException.check;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/** The options of each of several models: those of all, and before them the model's own. */
@Internal
public final class ModelOptions {
  /** The name of the only model if records do not choose. */
  public static final String UNNAMED = "";

  private static final String PREFIX = "cross-encoder.";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

  /** The options that each model may have for itself. The others concern the task. */
  private static final List<ConfigOption<?>> OF_A_MODEL =
      List.of(
          CrossEncoderFunctionOptions.MODEL,
          CrossEncoderFunctionOptions.MODEL_DIGEST,
          CrossEncoderFunctionOptions.PRECISION,
          CrossEncoderFunctionOptions.ACTIVATION,
          CrossEncoderFunctionOptions.MAX_LENGTH,
          CrossEncoderFunctionOptions.TRUNCATION,
          CrossEncoderFunctionOptions.PROMPT,
          CrossEncoderFunctionOptions.PROMPT_NAME,
          CrossEncoderFunctionOptions.TOP_N,
          CrossEncoderFunctionOptions.MIN_SCORE,
          CrossEncoderFunctionOptions.LABEL_THRESHOLD,
          CrossEncoderFunctionOptions.CLASSIFY_LABELS,
          CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE,
          CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL,
          CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL,
          CrossEncoderFunctionOptions.LONG_DOCUMENT,
          CrossEncoderFunctionOptions.CHUNK_TOKENS,
          CrossEncoderFunctionOptions.CHUNK_OVERLAP,
          CrossEncoderFunctionOptions.CHUNK_MAX,
          CrossEncoderFunctionOptions.CHUNK_SCORE,
          CrossEncoderFunctionOptions.EVIDENCE,
          CrossEncoderFunctionOptions.CASCADE_MODEL,
          CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST,
          CrossEncoderFunctionOptions.CASCADE_KEEP,
          CrossEncoderFunctionOptions.CASCADE_MARGIN,
          CrossEncoderFunctionOptions.ALLOW_SLOW);

  private ModelOptions() {}

  /** Returns the options that each model may have for itself. */
  public static List<ConfigOption<?>> ofAModel() {
    return OF_A_MODEL;
  }

  /**
   * Returns the options of each model by its name: those of the task, and before them the model's
   * own. Without {@code cross-encoder.models}, the options themselves are those of {@link
   * #UNNAMED}.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static SortedMap<String, ReadableConfig> split(ReadableConfig options) {
    Map<String, String> given = given(options);
    SortedMap<String, ReadableConfig> split = new TreeMap<>();
    SortedMap<String, Configuration> named = new TreeMap<>();
    given.forEach((key, value) -> add(key, value, options, named));
    if (named.isEmpty()) {
      split.put(UNNAMED, options);
      return split;
    }
    for (ConfigOption<String> option :
        List.of(CrossEncoderFunctionOptions.MODEL, CrossEncoderFunctionOptions.MODEL_DIGEST)) {
      String value = read(options, option);
      check(
          value == null,
          option,
          value,
          "With %s, each model has its own: write %s.NAME.%s."
              .formatted(
                  CrossEncoderFunctionOptions.MODELS.key(),
                  CrossEncoderFunctionOptions.MODELS.key(),
                  keyOf(option)));
    }
    split.putAll(named);
    return split;
  }

  /**
   * Makes something of the options of each model.
   *
   * @throws InvalidOptionException naming the model, the key, the value and what to do
   */
  public static <V> SortedMap<String, V> map(
      SortedMap<String, ReadableConfig> split, BiFunction<String, ReadableConfig, V> function) {
    SortedMap<String, V> made = new TreeMap<>();
    split.forEach(
        (name, options) -> {
          try {
            made.put(name, function.apply(name, options));
          } catch (InvalidOptionException e) {
            throw name.equals(UNNAMED) ? e : e.ofModel(name);
          }
        });
    return made;
  }

  /** Flink reads one map, or else the keys below that of the option; here both count. */
  private static SortedMap<String, String> given(ReadableConfig options) {
    SortedMap<String, String> given = new TreeMap<>();
    Map<String, String> map = read(options, CrossEncoderFunctionOptions.MODELS);
    if (map != null) {
      given.putAll(map);
    }
    if (options instanceof Configuration configuration) {
      String prefix = CrossEncoderFunctionOptions.MODELS.key() + ".";
      configuration
          .toMap()
          .forEach(
              (key, value) -> {
                if (key.startsWith(prefix)) {
                  given.put(key.substring(prefix.length()), value);
                }
              });
    }
    return given;
  }

  private static void add(
      String key, String value, ReadableConfig options, SortedMap<String, Configuration> named) {
    if (isLimit(key)) {
      return;
    }
    int dot = key.indexOf('.');
    String name = dot < 0 ? key : key.substring(0, dot);
    String of = dot < 0 ? "" : key.substring(dot + 1);
    check(
        NAME.matcher(name).matches(),
        CrossEncoderFunctionOptions.MODELS,
        key,
        "A model's name has letters, digits, - and _: %s.NAME.OPTION."
            .formatted(CrossEncoderFunctionOptions.MODELS.key()));
    check(
        OF_A_MODEL.stream().anyMatch(option -> keyOf(option).equals(of)),
        CrossEncoderFunctionOptions.MODELS,
        key,
        "After the model's name and a dot there must be one of %s."
            .formatted(
                OF_A_MODEL.stream().map(ModelOptions::keyOf).collect(Collectors.joining(", "))));
    named.computeIfAbsent(name, unused -> shared(options)).setString(PREFIX + of, value);
  }

  /** Whether a key below {@code cross-encoder.models} is an option of its own. */
  private static boolean isLimit(String key) {
    String whole = CrossEncoderFunctionOptions.MODELS.key() + "." + key;
    return whole.equals(CrossEncoderFunctionOptions.MODELS_MAX_LOADED.key())
        || whole.equals(CrossEncoderFunctionOptions.MODELS_MAX_SIZE.key());
  }

  private static String keyOf(ConfigOption<?> option) {
    return option.key().substring(PREFIX.length());
  }

  /** Returns a copy of the options that concern the operator. */
  private static Configuration shared(ReadableConfig options) {
    Configuration copy = new Configuration();
    for (ConfigOption<?> option : CrossEncoderFunctionOptions.all()) {
      if (!option.equals(CrossEncoderFunctionOptions.MODELS)) {
        for (String key : CrossEncoderFunctionOptions.keys(option)) {
          options
              .getOptional(ConfigOptions.key(key).stringType().noDefaultValue())
              .ifPresent(value -> copy.setString(key, value));
        }
      }
    }
    return copy;
  }
}
