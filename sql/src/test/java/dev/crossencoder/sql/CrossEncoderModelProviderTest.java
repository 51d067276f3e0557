package dev.crossencoder.sql;

import static dev.crossencoder.sql.TestModels.DOCUMENTS;
import static dev.crossencoder.sql.TestModels.PAIR;
import static dev.crossencoder.sql.TestModels.SCORE;
import static dev.crossencoder.sql.TestModels.provider;
import static dev.crossencoder.sql.TestModels.use;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.ModelOptions;
import dev.crossencoder.sql.CrossEncoderModelOptions.ErrorHandlingStrategy;
import java.io.ObjectStreamClass;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class CrossEncoderModelProviderTest {
  private static final ModelProviderFactory FACTORY =
      FactoryUtil.discoverFactory(
          CrossEncoderModelProviderTest.class.getClassLoader(),
          ModelProviderFactory.class,
          "cross-encoder");

  private static PredictSettings settings(
      CrossEncoderModelProvider provider, String... runtimeOptions) {
    return ((CrossEncoderPredictFunction) provider.createAsyncPredictFunction(use(runtimeOptions)))
        .settings();
  }

  private static RankOptions ranking(PredictSettings settings) {
    return settings.models().get(ModelOptions.UNNAMED).ranking();
  }

  /** Creates the provider of several models for pairs. */
  private static CrossEncoderModelProvider routed(String... options) {
    Map<String, String> all = new TreeMap<>();
    all.put("provider", "cross-encoder");
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    return provider(
        ResolvedSchema.of(
            Column.physical("query", DataTypes.STRING()),
            Column.physical("passage", DataTypes.STRING()),
            Column.physical("route", DataTypes.STRING())),
        SCORE,
        all,
        new Configuration());
  }

  @Test
  void theFactoryIsFoundByItsIdentifier() {
    assertThat(FACTORY).isInstanceOf(CrossEncoderModelProviderFactory.class);
    assertThat(FACTORY.requiredOptions()).as("a model or several").isEmpty();
    assertThat(FACTORY.optionalOptions()).hasSize(CrossEncoderModelOptions.all().size());
  }

  @Test
  void theOptionsAreTheOperatorsWithoutPrefixAndOneMore() {
    Set<String> notInSql =
        Set.of(
            CrossEncoderFunctionOptions.CAPACITY.key(),
            CrossEncoderFunctionOptions.CASCADE_MARGIN.key(),
            CrossEncoderFunctionOptions.EVIDENCE.key(),
            CrossEncoderFunctionOptions.MAX_DOCUMENTS.key(),
            CrossEncoderFunctionOptions.ORDER.key(),
            CrossEncoderFunctionOptions.TIMEOUT.key(),
            CrossEncoderFunctionOptions.ON_TIMEOUT.key());
    List<String> keys =
        CrossEncoderModelOptions.all().stream().map((ConfigOption<?> o) -> o.key()).toList();

    assertThat(keys)
        .contains("top-n", "error-handling-strategy")
        .hasSize(CrossEncoderFunctionOptions.all().size() - notInSql.size() + 1);
    for (ConfigOption<?> option : CrossEncoderFunctionOptions.all()) {
      if (!notInSql.contains(option.key())) {
        assertThat(keys).contains(option.key().replaceFirst("^cross-encoder\\.", ""));
      }
    }
    assertThat(CrossEncoderModelOptions.all())
        .allSatisfy(
            option -> assertThat(option.description().toString()).doesNotContain("cross-encoder."));
  }

  @Test
  void optionsReachTheOperator() {
    PredictSettings settings =
        settings(
            provider(
                PAIR,
                SCORE,
                "activation",
                "sigmoid",
                "max-length",
                "64",
                "batch.linger",
                "5 ms",
                "error-handling-strategy",
                "ignore"));

    assertThat(settings.operator())
        .isEqualTo(
            Map.of(
                "cross-encoder.model",
                "demo-qa",
                "cross-encoder.activation",
                "sigmoid",
                "cross-encoder.max-length",
                "64",
                "cross-encoder.batch.linger",
                "5 ms",
                "cross-encoder.capacity",
                "128"));
    assertThat(settings.errors()).isEqualTo(ErrorHandlingStrategy.IGNORE);
    assertThat(ranking(settings)).isEqualTo(RankOptions.ALL);
  }

  @Test
  void theDefaultsAreFlinks() {
    PredictSettings settings = settings(provider(PAIR, SCORE));

    assertThat(settings.maxConcurrentOperations()).isEqualTo(10);
    assertThat(settings.deadline()).isEqualTo(Duration.ofSeconds(162));
    assertThat(settings.errors()).isEqualTo(ErrorHandlingStrategy.FAIL);
  }

  @Test
  void theSessionAndThenTheStatementSayHowManyRowsAreInFlight() {
    Configuration session = new Configuration();
    session.set(ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS, 200);
    session.set(
        ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT, Duration.ofSeconds(100));
    CrossEncoderModelProvider provider =
        provider(PAIR, SCORE, Map.of("provider", "cross-encoder", "model", "demo-qa"), session);

    assertThat(settings(provider).maxConcurrentOperations()).isEqualTo(200);
    assertThat(settings(provider).deadline()).isEqualTo(Duration.ofSeconds(90));
    PredictSettings told =
        settings(provider, "max-concurrent-operations", "400", "timeout", "10 s");
    assertThat(told.maxConcurrentOperations()).isEqualTo(400);
    assertThat(told.deadline()).isEqualTo(Duration.ofSeconds(9));
    assertThat(told.operator()).containsEntry("cross-encoder.capacity", "400");
  }

  @Test
  void aLargerBatchNeedsNoOtherOption() {
    assertThat(settings(provider(PAIR, SCORE, "batch.max-pairs", "300")).operator())
        .containsEntry("cross-encoder.capacity", "600");
    assertThat(settings(provider(DOCUMENTS, SCORE)).operator())
        .containsEntry("cross-encoder.capacity", "512");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheNearestOne() {
    assertThatThrownBy(() -> provider(PAIR, SCORE, "max-lenght", "64"))
        .isInstanceOf(ValidationException.class)
        .hasMessage(
            "Unknown option of a cross-encoder model: max-lenght. Did you mean max-length?");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "cross-encoder.activation", "sigmoid"))
        .hasMessage(
            "Unknown option of a cross-encoder model: cross-encoder.activation. Did you mean activation?");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "endpoint", "http://x"))
        .hasMessageStartingWith(
            "Unknown option of a cross-encoder model: endpoint. The options are: model, model-digest,");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "capacity", "128"))
        .hasMessage(
            "Unknown option of a cross-encoder model: capacity. Flink has it for each use of a model: MAP['max-concurrent-operations', '128'] as the last argument of ML_PREDICT.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "timeout", "1 min"))
        .hasMessageContaining("MAP['timeout', '3min']");
  }

  @Test
  void invalidValuesAreRefusedWithTheKeysThatSqlHas() {
    assertThatThrownBy(() -> provider(PAIR, SCORE, "activation", "sigmod"))
        .isInstanceOf(ValidationException.class)
        .hasMessageStartingWith(
            "Invalid activation: sigmod. It must be one of auto, model, identity,");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "max-length", "2"))
        .hasMessageStartingWith("Invalid max-length: 2. It must be at least 4");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "batch.max-pairs", "many"))
        .hasMessageStartingWith("Invalid batch.max-pairs: many. It cannot be read");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "device", "tpu"))
        .hasMessage("Invalid device: tpu. It must be auto, cpu, or gpu with a number.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "error-handling-strategy", "retry"))
        .hasMessage("Invalid error-handling-strategy: retry. It must be one of fail, ignore.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "model-digest", "latest"))
        .hasMessageStartingWith("Invalid model-digest: latest. It must be sha256:");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "prompt", "a", "prompt-name", "b"))
        .hasMessage("Invalid prompt-name: b. Set it or prompt, not both.");
    assertThatThrownBy(
            () -> provider(PAIR, SCORE, Map.of("provider", "cross-encoder"), new Configuration()))
        .hasMessageStartingWith("Invalid model: missing. Name a bundle folder,");
  }

  @Test
  void topNNeedsDocumentsAndAPositiveNumber() {
    assertThat(ranking(settings(provider(DOCUMENTS, SCORE, "top-n", "3", "min-score", "0.5"))))
        .isEqualTo(RankOptions.ALL.withTopN(3).withMinScore(0.5f));
    assertThatThrownBy(() -> provider(PAIR, SCORE, "top-n", "3"))
        .hasMessage(
            "Invalid top-n: 3. It needs an input of type ARRAY<STRING>, such as (query STRING, documents ARRAY<STRING>).");
    assertThat(ranking(settings(provider(PAIR, SCORE, "min-score", "0.5"))).minScore())
        .isEqualTo(0.5f);
    assertThatThrownBy(() -> provider(DOCUMENTS, SCORE, "min-score", "NaN"))
        .hasMessage("Invalid min-score: NaN. It must be a number.");
    assertThatThrownBy(() -> provider(DOCUMENTS, SCORE, "top-n", "0"))
        .hasMessage("Invalid top-n: 0. It must be positive; leave it out for all.");
  }

  @Test
  void eachOfSeveralModelsHasItsOwnOptions() {
    PredictSettings settings =
        settings(
            routed(
                "models.en.model",
                "demo-qa",
                "models.de.model",
                "demo-rank",
                "models.de.min-score",
                "0.5",
                "min-score",
                "0.25",
                "route.default",
                "en"));

    assertThat(settings.operator())
        .containsEntry("cross-encoder.models.de.model", "demo-rank")
        .containsEntry("cross-encoder.route.default", "en");
    assertThat(settings.models()).containsOnlyKeys("de", "en");
    assertThat(settings.models().get("de").ranking().minScore()).isEqualTo(0.5f);
    assertThat(settings.models().get("en").ranking().minScore()).isEqualTo(0.25f);
  }

  @Test
  void invalidOptionsOfSeveralModelsAreRefused() {
    assertThatThrownBy(() -> routed("models.en.model", "demo-qa", "models.en.max-lenght", "64"))
        .isInstanceOf(ValidationException.class)
        .hasMessage(
            "Unknown option of a cross-encoder model: models.en.max-lenght. Did you mean max-length?");
    assertThatThrownBy(() -> routed("models.en.model", "demo-qa", "models.en.device", "cpu"))
        .hasMessage(
            "Unknown option of a cross-encoder model: models.en.device. It is the same for all models: write device.");
    assertThatThrownBy(() -> routed("models.en", "demo-qa"))
        .hasMessageStartingWith(
            "Unknown option of a cross-encoder model: models.en. After the model's name and a dot there must be one of model, model-digest,")
        .hasMessageNotContaining("evidence");
    assertThatThrownBy(() -> routed("models.e n.model", "demo-qa"))
        .hasMessage(
            "Invalid models: e n.model. A model's name has letters, digits, - and _: models.NAME.OPTION.");
    assertThatThrownBy(() -> routed("models.en.model", "demo-qa", "models.en.top-n", "3"))
        .hasMessageStartingWith("Model en: Invalid top-n: 3. It needs an input of type ARRAY");
    assertThatThrownBy(() -> routed("models.en.max-length", "64"))
        .hasMessageStartingWith("Model en: Invalid model: missing.");
    assertThatThrownBy(() -> routed("models.en.model", "demo-qa", "model", "demo-rank"))
        .hasMessage(
            "Invalid model: demo-rank. With models, each model has its own: write models.NAME.model.");
    assertThatThrownBy(() -> routed("models.en.model", "demo-qa", "route.default", "de"))
        .hasMessage(
            "Invalid route.default: de. There is no such name in models: choose one of en.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "route.default", "en"))
        .hasMessage(
            "Invalid route.default: en. It is for several models: name them with models, or leave it out.");
  }

  @Test
  void thresholdsAreForLabelsAndTheSmallestScoreForScores() {
    assertThat(settings(provider(PAIR, SCORE, "label-threshold", "entailment=0.9")).operator())
        .containsEntry("cross-encoder.label-threshold", "entailment=0.9");
    assertThatThrownBy(() -> provider(DOCUMENTS, SCORE, "label-threshold", "entailment=0.9"))
        .hasMessage(
            "Invalid label-threshold: entailment=0.9. Documents have scores and no labels: use min-score instead.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "label-threshold", "entailment"))
        .hasMessage(
            "Invalid label-threshold: entailment. An entry must be a label, an equals sign and a number, as in entailment=0.9.");
    assertThatThrownBy(
            () ->
                provider(
                    ResolvedSchema.of(Column.physical("text", DataTypes.STRING())),
                    TestModels.output("label", DataTypes.STRING()),
                    "classify.labels",
                    "a;b",
                    "min-score",
                    "0.5"))
        .hasMessage(
            "Invalid min-score: 0.5. It is for pairs and documents. For classification, use label-threshold.");
  }

  @Test
  void labelsNeedOneTextAndOneTextNeedsLabels() {
    ResolvedSchema text = ResolvedSchema.of(Column.physical("text", DataTypes.STRING()));
    ResolvedSchema label = TestModels.output("label", DataTypes.STRING());

    assertThat(settings(provider(text, label, "classify.labels", "a;b")).operator())
        .containsEntry("cross-encoder.classify.labels", "a;b")
        .containsEntry("cross-encoder.truncation", "only_first");
    assertThat(
            settings(provider(text, label, "classify.labels", "a;b", "truncation", "longest_first"))
                .operator())
        .containsEntry("cross-encoder.truncation", "longest_first");
    assertThatThrownBy(() -> provider(text, label))
        .hasMessage(
            "Invalid classify.labels: missing. A model with one input column classifies its text: name the labels, separated by semicolons. To score pairs, declare two columns.");
    assertThatThrownBy(() -> provider(PAIR, SCORE, "classify.labels", "a;b"))
        .hasMessage(
            "Invalid classify.labels: a;b. It needs an input of one column of type STRING, such as (text STRING).");
    assertThatThrownBy(() -> provider(text, label, "classify.labels", "a;a"))
        .hasMessage(
            "Invalid classify.labels: a;a. Labels 1 and 2 are the same. Each label may be given once.");
    assertThatThrownBy(
            () -> provider(text, label, "classify.labels", "a", "classify.template", "It is."))
        .hasMessageContaining("Invalid classify.template: It is.. It must contain {} once");
    assertThatThrownBy(() -> provider(text, label, "classify.labels", "a", "top-n", "1"))
        .hasMessageContaining("Invalid top-n: 1. It needs an input of type ARRAY<STRING>");
  }

  @Test
  void onlyKeysAreTranslatedInTheTextsOfTheOperator() {
    assertThat(
            CrossEncoderModelOptions.inSql(
                "Set cross-encoder.prompt-name, cross-encoder.prompt or cross-encoder.capacity for /models/cross-encoder.v2."))
        .isEqualTo(
            "Set prompt-name, prompt or max-concurrent-operations for /models/cross-encoder.v2.");
  }

  @Test
  void unknownKeysOfTheStatementAreRefused() {
    CrossEncoderModelProvider provider = provider(PAIR, SCORE);

    assertThatThrownBy(
            () -> provider.createAsyncPredictFunction(use("max-concurrent-operation", "128")))
        .isInstanceOf(ValidationException.class)
        .hasMessage(
            "Unknown key in the configuration of ML_PREDICT: max-concurrent-operation. Did you mean max-concurrent-operations?");
    assertThatThrownBy(() -> provider.createAsyncPredictFunction(use("top-n", "1")))
        .hasMessage(
            "Unknown key in the configuration of ML_PREDICT: top-n. The keys are: async, max-concurrent-operations, output-mode, timeout. Options of the model belong to CREATE MODEL.");
    assertThatThrownBy(
            () -> provider.createAsyncPredictFunction(use("max-concurrent-operations", "0")))
        .hasMessage(
            "Invalid max-concurrent-operations: 0. It must be positive; 128 lets batches fill.");
    assertThatCode(
            () ->
                provider.createAsyncPredictFunction(
                    use("async", "true", "output-mode", "ALLOW_UNORDERED")))
        .doesNotThrowAnyException();
  }

  @Test
  void aFunctionTravelsInSerializedForm() throws Exception {
    Object function = provider(DOCUMENTS, SCORE, "top-n", "2").createAsyncPredictFunction(use());

    CrossEncoderPredictFunction copy =
        InstantiationUtil.deserializeObject(
            InstantiationUtil.serializeObject(function), getClass().getClassLoader());

    assertThat(copy.settings()).isEqualTo(((CrossEncoderPredictFunction) function).settings());
  }

  @Test
  void eachClassThatTravelsHasAFixedVersion() {
    assertThat(
            List.of(
                    CrossEncoderPredictFunction.class,
                    ModelSchema.class,
                    OutputColumn.class,
                    PredictSettings.class,
                    PredictSettings.Results.class)
                .stream()
                .map(type -> ObjectStreamClass.lookup(type).getSerialVersionUID())
                .collect(Collectors.toSet()))
        .containsExactly(1L);
  }
}
