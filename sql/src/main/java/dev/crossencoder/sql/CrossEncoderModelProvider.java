package dev.crossencoder.sql;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.io.EditDistance;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.ClassifyConfig;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.LongDocument;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.operator.ModelOptions;
import dev.crossencoder.sql.CrossEncoderModelOptions.ErrorHandlingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;

/** A checked model of a catalog, and the settings of the session. Immutable. */
final class CrossEncoderModelProvider implements AsyncPredictRuntimeProvider {
  /** Options of every model, which Flink reads itself. */
  private static final Set<String> FLINK_KEYS =
      Set.of(FactoryUtil.PROVIDER.key(), FactoryUtil.PROPERTY_VERSION.key());

  private static final String MODELS_PREFIX = CrossEncoderModelOptions.MODELS.key() + ".";

  private static final List<String> RUNTIME_KEYS =
      List.of(
          MLPredictRuntimeConfigOptions.ASYNC.key(),
          MLPredictRuntimeConfigOptions.ASYNC_MAX_CONCURRENT_OPERATIONS.key(),
          MLPredictRuntimeConfigOptions.ASYNC_OUTPUT_MODE.key(),
          MLPredictRuntimeConfigOptions.ASYNC_TIMEOUT.key());

  /** Options of the operator that Flink has for each use of a model, as a statement sets them. */
  private static final Map<String, String> USES =
      Map.of(
          "capacity", "MAP['max-concurrent-operations', '128']",
          "max-concurrent-operations", "MAP['max-concurrent-operations', '128']",
          "order", "MAP['output-mode', 'ALLOW_UNORDERED']",
          "output-mode", "MAP['output-mode', 'ALLOW_UNORDERED']",
          "timeout", "MAP['timeout', '3min']");

  /**
   * The smallest capacity from which defaults of batches are derived. It is the operator's default,
   * so that its jobs and those of SQL share a loaded model.
   */
  private static final int PAIR_CAPACITY = CrossEncoderFunctionOptions.CAPACITY.defaultValue();

  /** Rows with documents have many pairs each: half of it is the largest default batch of a GPU. */
  private static final int DOCUMENTS_CAPACITY = 512;

  /** The part of Flink's timeout after which a row gets an outcome. */
  private static final double DEADLINE = 0.9;

  private final ModelSchema schema;
  private final Map<String, String> options;
  private final SortedMap<String, PredictSettings.Results> results;
  private final ErrorHandlingStrategy errors;
  private final ReadableConfig session;

  private CrossEncoderModelProvider(
      ModelSchema schema,
      Map<String, String> options,
      SortedMap<String, PredictSettings.Results> results,
      ErrorHandlingStrategy errors,
      ReadableConfig session) {
    this.schema = schema;
    this.options = Map.copyOf(options);
    this.results = results;
    this.errors = errors;
    this.session = session;
  }

  /**
   * Checks the options and columns of a model.
   *
   * @throws ValidationException if one does not fit; the message says what would
   */
  static CrossEncoderModelProvider of(ModelProviderFactory.Context context) {
    ResolvedCatalogModel model = context.getCatalogModel();
    Map<String, String> options = new TreeMap<>(model.getOptions());
    options.keySet().removeAll(FLINK_KEYS);
    checkKeys(options);
    try {
      ErrorHandlingStrategy errors =
          CrossEncoderFunctionOptions.read(
              Configuration.fromMap(options), CrossEncoderModelOptions.ERROR_HANDLING_STRATEGY);
      options.remove(CrossEncoderModelOptions.ERROR_HANDLING_STRATEGY.key());
      SortedMap<String, ReadableConfig> models =
          ModelOptions.split(Configuration.fromMap(withPrefix(options)));
      ModelSchema schema =
          ModelSchema.of(
              model.getResolvedInputSchema(),
              model.getResolvedOutputSchema(),
              !models.containsKey(ModelOptions.UNNAMED));
      CrossEncoderModelProvider provider =
          new CrossEncoderModelProvider(
              schema,
              options,
              ModelOptions.map(models, (name, each) -> results(each, schema)),
              errors,
              context.getConfiguration());
      CrossEncoderFunction.validate(
          Configuration.fromMap(provider.operatorOptions(Integer.MAX_VALUE)));
      return provider;
    } catch (InvalidOptionException e) {
      throw new ValidationException(CrossEncoderModelOptions.inSql(e.getMessage()), e);
    }
  }

  private static void checkKeys(Map<String, String> options) {
    List<String> known =
        CrossEncoderModelOptions.all().stream().map((ConfigOption<?> o) -> o.key()).toList();
    for (String key : options.keySet()) {
      if (key.startsWith(MODELS_PREFIX) && !known.contains(key)) {
        checkKeyOfAModel(key, known);
      } else if (!known.contains(key)) {
        String name = CrossEncoderModelOptions.inSql(key);
        String hint =
            known.contains(name) || !USES.containsKey(name)
                ? nearest(name, known, " The options are: %s.")
                : " Flink has it for each use of a model: %s as the last argument of ML_PREDICT."
                    .formatted(USES.get(name));
        throw new ValidationException(
            "Unknown option of a cross-encoder model: %s.%s".formatted(key, hint));
      }
    }
  }

  /** Checks {@code models.NAME.OPTION}; names are checked where they are read. */
  private static void checkKeyOfAModel(String key, List<String> known) {
    List<String> own =
        ModelOptions.ofAModel().stream()
            .map((ConfigOption<?> o) -> CrossEncoderModelOptions.inSql(o.key()))
            .filter(known::contains)
            .toList();
    int dot = key.indexOf('.', MODELS_PREFIX.length());
    String option = key.substring(dot + 1);
    if (dot < 0 || !own.contains(option)) {
      throw new ValidationException(
          "Unknown option of a cross-encoder model: %s.%s"
              .formatted(
                  key,
                  dot >= 0 && known.contains(option)
                      ? " It is the same for all models: write %s.".formatted(option)
                      : nearest(
                          option,
                          own,
                          " After the model's name and a dot there must be one of %s.")));
    }
  }

  private static String nearest(String key, List<String> known, String otherwise) {
    List<String> nearest = EditDistance.nearest(key, known);
    return nearest.isEmpty()
        ? otherwise.formatted(String.join(", ", known))
        : " Did you mean %s?".formatted(String.join(" or ", nearest));
  }

  /**
   * Reads how the scores of a model become rows.
   *
   * @param options with the operator's keys
   */
  private static PredictSettings.Results results(ReadableConfig options, ModelSchema schema) {
    RankOptions ranking = ranking(options, schema);
    checkLabels(options, schema);
    checkThresholds(options, schema);
    checkCascade(options, schema);
    return new PredictSettings.Results(
        ranking, LabelThresholds.from(options), ClassifyConfig.from(options));
  }

  /** Reads the options that choose documents by their scores. */
  private static RankOptions ranking(ReadableConfig options, ModelSchema schema) {
    RankOptions ranking = RankOptions.ALL;
    Integer topN = CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.TOP_N);
    if (topN != null) {
      if (topN <= 0) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.TOP_N, topN, "It must be positive; leave it out for all.");
      }
      if (!schema.shape().hasDocuments()) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.TOP_N,
            topN,
            "It needs an input of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>).");
      }
      ranking = ranking.withTopN(topN);
    }
    Float minScore =
        CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.MIN_SCORE);
    if (minScore != null) {
      if (minScore.isNaN()) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.MIN_SCORE, minScore, "It must be a number.");
      }
      if (schema.shape() == ModelSchema.Shape.CLASSIFY) {
        throw new InvalidOptionException(
            CrossEncoderFunctionOptions.MIN_SCORE,
            minScore,
            "It is for pairs and documents. For classification, use %s."
                .formatted(CrossEncoderFunctionOptions.LABEL_THRESHOLD.key()));
      }
      ranking = ranking.withMinScore(minScore);
    }
    return ranking;
  }

  private static void checkCascade(ReadableConfig options, ModelSchema schema) {
    String model =
        CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.CASCADE_MODEL);
    if (model != null && !schema.shape().hasDocuments()) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.CASCADE_MODEL,
          model,
          "A cascade ranks documents. It needs an input of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>).");
    }
  }

  private static void checkLabels(ReadableConfig options, ModelSchema schema) {
    List<String> labels =
        CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.CLASSIFY_LABELS);
    boolean classifies = schema.shape() == ModelSchema.Shape.CLASSIFY;
    if (classifies && labels == null) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.CLASSIFY_LABELS,
          "missing",
          "A model with one input column classifies its text: name the labels, separated by semicolons. To score pairs, declare two columns.");
    }
    LongDocument mode =
        CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.LONG_DOCUMENT);
    if (classifies && mode != LongDocument.TRUNCATE) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.LONG_DOCUMENT,
          mode,
          "Classification reads a text up to what fits beside a label: leave the option out.");
    }
    if (!classifies && labels != null) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.CLASSIFY_LABELS,
          String.join(";", labels),
          "It needs an input of one column of type STRING, such as (text STRING).");
    }
  }

  private static void checkThresholds(ReadableConfig options, ModelSchema schema) {
    List<String> thresholds =
        CrossEncoderFunctionOptions.read(options, CrossEncoderFunctionOptions.LABEL_THRESHOLD);
    if (thresholds != null && schema.shape().hasDocuments()) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.LABEL_THRESHOLD,
          String.join(";", thresholds),
          "Documents have scores and no labels: use %s instead."
              .formatted(CrossEncoderFunctionOptions.MIN_SCORE.key()));
    }
  }

  @Override
  public AsyncPredictFunction createAsyncPredictFunction(Context context) {
    ReadableConfig runtime = context.runtimeConfig();
    for (String key : runtime.toMap().keySet()) {
      if (!RUNTIME_KEYS.contains(key)) {
        throw new ValidationException(
            "Unknown key in the configuration of ML_PREDICT: %s.%s"
                .formatted(
                    key,
                    nearest(
                        key,
                        RUNTIME_KEYS,
                        " The keys are: %s. Options of the model belong to CREATE MODEL.")));
      }
    }
    int maxConcurrentOperations =
        runtime
            .getOptional(MLPredictRuntimeConfigOptions.ASYNC_MAX_CONCURRENT_OPERATIONS)
            .orElseGet(
                () ->
                    session.get(
                        ExecutionConfigOptions
                            .TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS));
    if (maxConcurrentOperations <= 0) {
      throw new ValidationException(
          "Invalid max-concurrent-operations: %d. It must be positive; 128 lets batches fill."
              .formatted(maxConcurrentOperations));
    }
    Duration timeout =
        runtime
            .getOptional(MLPredictRuntimeConfigOptions.ASYNC_TIMEOUT)
            .orElseGet(
                () -> session.get(ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT));
    return new CrossEncoderPredictFunction(
        schema,
        new PredictSettings(
            operatorOptions(maxConcurrentOperations),
            results,
            errors,
            maxConcurrentOperations,
            Duration.ofMillis((long) (DEADLINE * Math.max(0, timeout.toMillis())))));
  }

  /**
   * Returns the options with the operator's keys, and a capacity: the number of rows in flight, but
   * never so few that it limits batches.
   */
  private Map<String, String> operatorOptions(int maxConcurrentOperations) {
    Map<String, String> operator = withPrefix(options);
    Integer maxPairs =
        CrossEncoderFunctionOptions.read(
            Configuration.fromMap(options), CrossEncoderModelOptions.BATCH_MAX_PAIRS);
    if (schema.shape() == ModelSchema.Shape.CLASSIFY) {
      // The hypothesis stays whole, as in the operator's classification.
      operator.putIfAbsent(
          CrossEncoderFunctionOptions.TRUNCATION.key(), Truncation.ONLY_FIRST.key());
    }
    int least = schema.shape() == ModelSchema.Shape.PAIR ? PAIR_CAPACITY : DOCUMENTS_CAPACITY;
    long twoBatches = maxPairs == null ? 0 : 2L * maxPairs;
    long capacity = Math.max(Math.max(maxConcurrentOperations, least), twoBatches);
    operator.put(
        CrossEncoderFunctionOptions.CAPACITY.key(),
        String.valueOf(Math.min(capacity, Integer.MAX_VALUE)));
    return operator;
  }

  private static Map<String, String> withPrefix(Map<String, String> options) {
    Map<String, String> operator = new TreeMap<>();
    options.forEach((key, value) -> operator.put(CrossEncoderModelOptions.operatorKey(key), value));
    return operator;
  }

  @Override
  public ModelProvider copy() {
    return this;
  }

  @Override
  public String toString() {
    String model = options.get(CrossEncoderModelOptions.MODEL.key());
    return "CrossEncoderModelProvider[%s]".formatted(model == null ? results.keySet() : model);
  }
}
