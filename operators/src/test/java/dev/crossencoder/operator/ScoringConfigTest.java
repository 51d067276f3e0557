package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.LongDocument;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScoringConfigTest {
  /** Read by {@link ModelsConfig}. */
  private static final List<ConfigOption<?>> OF_SEVERAL_MODELS =
      List.of(
          CrossEncoderFunctionOptions.MODELS,
          CrossEncoderFunctionOptions.MODELS_MAX_LOADED,
          CrossEncoderFunctionOptions.MODELS_MAX_SIZE,
          CrossEncoderFunctionOptions.ROUTE_DEFAULT);

  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @Test
  void theDefaultsAreTheModelsAndTheMachines() {
    assertThat(ScoringConfig.from(TestOptions.of("demo-qa")))
        .isEqualTo(
            new ScoringConfig(
                new ModelSource("demo-qa", null, Duration.ofMinutes(2), null, false),
                ActivationChoice.AUTO,
                new TextConfig(
                    null,
                    Truncation.LONGEST_FIRST,
                    null,
                    null,
                    new LongDocumentConfig(
                        LongDocument.TRUNCATE, null, 32, null, ChunkScore.MAX, Evidence.NONE)),
                new RankConfig(null, null, 10_000),
                LabelThresholds.NONE,
                new ClassifyConfig(null, ClassifyOptions.DEFAULT, 10_000),
                new BatchConfig(null, null, Duration.ZERO),
                new TaskConfig(
                    128, ResultOrder.ORDERED, Duration.ofMinutes(5), TimeoutAction.FAIL, null),
                new DeviceConfig("auto", "gpu", null, null, false),
                0,
                CascadeConfig.NONE));
  }

  @Test
  void everyOptionIsMapped() {
    Map<ConfigOption<?>, String> values = notTheDefaults();
    Configuration options = new Configuration();
    // They exclude another one, and have tests of their own.
    values.remove(CrossEncoderFunctionOptions.PROMPT);
    values.remove(CrossEncoderFunctionOptions.CASCADE_MARGIN);
    values.forEach((option, value) -> options.setString(option.key(), value));

    assertThat(notTheDefaults().keySet())
        .containsExactlyInAnyOrderElementsOf(
            CrossEncoderFunctionOptions.all().stream()
                .filter(option -> !OF_SEVERAL_MODELS.contains(option))
                .toList());
    assertThat(ScoringConfig.from(options))
        .isEqualTo(
            new ScoringConfig(
                new ModelSource(
                    "models/reranker", DIGEST, Duration.ofSeconds(30), Precision.INT8, true),
                ActivationChoice.SOFTMAX,
                new TextConfig(
                    256,
                    Truncation.ONLY_SECOND,
                    null,
                    "query",
                    new LongDocumentConfig(
                        LongDocument.CHUNK, 128, 16, 7, ChunkScore.MEAN_TOP_3, Evidence.SENTENCE)),
                new RankConfig(5, 0.25f, 200),
                new LabelThresholds(Map.of("yes", 0.9f)),
                new ClassifyConfig(
                    List.of("a", "b;c"), new ClassifyOptions("Is it {}?", true, "YES"), 200),
                new BatchConfig(16, 2048, Duration.ofMillis(5)),
                new TaskConfig(
                    64,
                    ResultOrder.UNORDERED,
                    Duration.ofMinutes(10),
                    TimeoutAction.DEAD_LETTER,
                    new ScoreReference(List.of(0.5f), List.of(0.25, 0.75))),
                new DeviceConfig("gpu1", "accelerator", 4, 3, false),
                64L << 20,
                new CascadeConfig("demo-qa", DIGEST, 7, null)));
  }

  @Test
  void theFirstModelOfACascadeMayBeSlowIfTheMainModelMay() {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.ALLOW_SLOW, true);
    options.set(CrossEncoderFunctionOptions.CASCADE_MODEL, "demo-rank");

    ModelSource first = ScoringConfig.from(options).ofFirstModel().source();

    assertThat(first.model()).isEqualTo("demo-rank");
    assertThat(first.allowSlow()).isTrue();
  }

  @Test
  void halfOfTheCoresTokenizeUnlessTheOptionSaysOtherwise() {
    DeviceConfig defaults = DeviceConfig.from(TestOptions.of("demo-qa"));
    DeviceConfig three =
        DeviceConfig.from(TestOptions.with(CrossEncoderFunctionOptions.TOKENIZER_THREADS, 3));

    assertThat(IntStream.of(1, 2, 3, 4, 7, 8, 64).map(defaults::tokenizerThreads))
        .containsExactly(1, 1, 1, 2, 3, 4, 4);
    assertThat(IntStream.of(1, 64).map(three::tokenizerThreads)).containsExactly(3, 3);
  }

  @Test
  void everyOptionChangesTheConfiguration() {
    notTheDefaults()
        .forEach(
            (option, value) -> {
              Configuration options = others(option);
              ScoringConfig without = ScoringConfig.from(options);
              options.setString(option.key(), value);
              assertThat(ScoringConfig.from(options)).as(option.key()).isNotEqualTo(without);
            });
  }

  /** Options to which an option can be added. */
  private static Configuration others(ConfigOption<?> option) {
    return option.key().startsWith("cross-encoder.cascade.")
        ? TestOptions.with(CrossEncoderFunctionOptions.CASCADE_MODEL, "demo-rank")
        : TestOptions.of("demo-rank");
  }

  @Test
  void allOptionsAreListedWithPrefixAndDescription() {
    List<Object> declared =
        Arrays.stream(CrossEncoderFunctionOptions.class.getFields())
            .filter(field -> Modifier.isStatic(field.getModifiers()))
            .filter(field -> field.getType() == ConfigOption.class)
            .map(ScoringConfigTest::valueOf)
            .toList();

    assertThat(CrossEncoderFunctionOptions.all())
        .hasSize(declared.size())
        .allSatisfy(
            option -> {
              assertThat(declared).contains(option);
              assertThat(option.key()).startsWith("cross-encoder.");
              assertThat(new HtmlFormatter().format(option.description())).isNotBlank();
            });
  }

  @Test
  void aShapeHasATruncationUnlessOneIsSet() {
    assertThat(TextConfig.from(TestOptions.of("demo-nli"), Truncation.ONLY_FIRST).truncation())
        .isEqualTo(Truncation.ONLY_FIRST);
    assertThat(
            TextConfig.from(
                    TestOptions.withText(CrossEncoderFunctionOptions.TRUNCATION, "longest_first"),
                    Truncation.ONLY_FIRST)
                .truncation())
        .isEqualTo(Truncation.LONGEST_FIRST);
  }

  @Test
  void theModelsActivationIsUsedWithoutItsCalibrationIfItIsChosen() {
    assertThat(chosen("model")).isEqualTo(CrossEncoderOptions.DEFAULT.withoutCalibration());
    assertThat(chosen("auto")).isEqualTo(CrossEncoderOptions.DEFAULT);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationCanBeChosenByItsKey(Activation activation) {
    assertThat(chosen(activation.key()))
        .isEqualTo(CrossEncoderOptions.DEFAULT.withActivation(activation));
  }

  private static CrossEncoderOptions chosen(String activation) {
    return ScoringConfig.from(
            TestOptions.withText(CrossEncoderFunctionOptions.ACTIVATION, activation))
        .activation()
        .apply(CrossEncoderOptions.DEFAULT);
  }

  @Test
  void theLimitsAreTheBatchOptionsWhateverTheDevice() {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, 16);
    options.set(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, 2048);

    ScoringConfig config = ScoringConfig.from(options);

    assertThat(config.limits("cpu")).isEqualTo(new BatchLimits(16, 2048));
    assertThat(config.limits("gpu0")).isEqualTo(new BatchLimits(16, 2048));
  }

  @ParameterizedTest
  @CsvSource({
    "128, cpu, 32, 1024",
    "2000, cpu, 32, 1024",
    "64, gpu0, 32, 16384",
    "128, gpu0, 64, 16384",
    "2000, gpu3, 256, 16384"
  })
  void withoutBatchOptionsTheLimitsAreTheDevicesAndNoMoreThanHalfOfTheCapacity(
      int capacity, String device, int maxPairs, int maxTokens) {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.CAPACITY, capacity);

    assertThat(ScoringConfig.from(options).limits(device))
        .isEqualTo(new BatchLimits(maxPairs, maxTokens));
  }

  @Test
  void theConfigurationIsSerialisable() throws Exception {
    ScoringConfig config = ScoringConfig.from(TestOptions.of("demo-qa"));

    assertThat(InstantiationUtil.clone(config)).isEqualTo(config);
  }

  @Test
  void aModelMustBeNamed() {
    assertThatThrownBy(() -> ScoringConfig.from(new Configuration()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid cross-encoder.model: missing. Name a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or"
                + " demo-rank, demo-qa or demo-nli.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cross-encoder.model                | ' '        | Invalid cross-encoder.model:  . Name a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or demo-rank, demo-qa or demo-nli.
          cross-encoder.model-digest         | sha256:12  | Invalid cross-encoder.model-digest: sha256:12. It must be sha256: and 64 lower-case hexadecimal digits, as 'cross-encoder inspect' prints it.
          cross-encoder.model-wait           | 25 h       | Invalid cross-encoder.model-wait: PT25H. It must be from 0, which tries once, to 1 d.
          cross-encoder.max-length           | 3          | Invalid cross-encoder.max-length: 3. It must be at least 4, room for special tokens and some text; leave it out for the model's own.
          cross-encoder.top-n                | 0          | Invalid cross-encoder.top-n: 0. It must be positive.
          cross-encoder.cache.max-size       | 1 kb       | Invalid cross-encoder.cache.max-size: 1 kb. It must be 0, for no cache, or at least 64 kb.
          cross-encoder.min-score            | NaN        | Invalid cross-encoder.min-score: NaN. It must be a number.
          cross-encoder.max-documents        | -1         | Invalid cross-encoder.max-documents: -1. It must be positive.
          cross-encoder.batch.max-pairs      | 0          | Invalid cross-encoder.batch.max-pairs: 0. It must be positive.
          cross-encoder.batch.max-tokens     | -1         | Invalid cross-encoder.batch.max-tokens: -1. It must be positive.
          cross-encoder.batch.linger         | 1001 ms    | Invalid cross-encoder.batch.linger: PT1.001S. It must be between 0 and 1 s.
          cross-encoder.capacity             | 63         | Invalid cross-encoder.capacity: 63. It must be at least twice cross-encoder.batch.max-pairs, 32, so that the next batch fills while one is scored. Raise it, or lower the batch.
          cross-encoder.activation           | squash     | Invalid cross-encoder.activation: squash. It must be one of auto, model, identity, sigmoid, softmax, log-softmax, softmin, tanh, relu, relu6, leaky-relu, prelu, elu, celu, selu, gelu, silu, mish, softplus, softsign, softshrink, hardshrink, tanhshrink, hardtanh, hardsigmoid, hardswish, log-sigmoid.
          cross-encoder.truncation           | none       | Invalid cross-encoder.truncation: none. It must be one of longest_first, only_second, only_first.
          cross-encoder.order                | sorted     | Invalid cross-encoder.order: sorted. It must be one of ordered, unordered.
          cross-encoder.on-timeout           | ignore     | Invalid cross-encoder.on-timeout: ignore. It must be one of fail, dead-letter.
          cross-encoder.timeout              | 9 s        | Invalid cross-encoder.timeout: PT9S. It must be from 10 s to 1 d: it covers waiting in the queue, and guards against a device that hangs.
          cross-encoder.timeout              | 2 d        | Invalid cross-encoder.timeout: PT48H. It must be from 10 s to 1 d: it covers waiting in the queue, and guards against a device that hangs.
          cross-encoder.device               | cuda       | Invalid cross-encoder.device: cuda. It must be auto, cpu, or gpu with a number.
          cross-encoder.cpu.threads          | 0          | Invalid cross-encoder.cpu.threads: 0. It must be positive.
          cross-encoder.tokenizer-threads    | 0          | Invalid cross-encoder.tokenizer-threads: 0. It must be positive.
          """)
  void anInvalidValueIsRefusedWithKeyValueLimitAndWayOut(String key, String value, String message) {
    Configuration options = TestOptions.of("demo-qa");
    options.setString(key, value);

    assertThatThrownBy(() -> ScoringConfig.from(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "cross-encoder.timeout, soon",
    "cross-encoder.batch.linger, -1 ms",
    "cross-encoder.batch.max-pairs, many",
    "cross-encoder.capacity, 99999999999"
  })
  void aValueThatCannotBeParsedIsRefusedWithItsKeyAndItself(String key, String value) {
    Configuration options = TestOptions.of("demo-qa");
    options.setString(key, value);

    assertThatThrownBy(() -> ScoringConfig.from(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid " + key + ": ")
        .hasMessageContaining(value);
  }

  @Test
  void aPromptMayEndWithASpaceOrBeEmptyAndIsNotGivenWithAName() {
    for (String prompt : List.of("find: ", "")) {
      Configuration options = TestOptions.withText(CrossEncoderFunctionOptions.PROMPT, prompt);
      assertThat(ScoringConfig.from(options).text().prompt()).isEqualTo(prompt);

      options.set(CrossEncoderFunctionOptions.PROMPT_NAME, "query");
      assertThatThrownBy(() -> ScoringConfig.from(options))
          .isInstanceOf(InvalidOptionException.class)
          .hasMessage(
              "Invalid cross-encoder.prompt-name: query. Set it or cross-encoder.prompt, not both.");
    }
  }

  @Test
  void aCapacityOfTwiceTheLargestBatchIsEnough() {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.CAPACITY, 16);
    options.set(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, 8);

    assertThat(ScoringConfig.from(options).task().capacity()).isEqualTo(16);
  }

  /** A value for every option that is not its default. */
  private static Map<ConfigOption<?>, String> notTheDefaults() {
    Map<ConfigOption<?>, String> values = new LinkedHashMap<>();
    values.put(CrossEncoderFunctionOptions.MODEL, "models/reranker");
    values.put(CrossEncoderFunctionOptions.MODEL_DIGEST, DIGEST);
    values.put(CrossEncoderFunctionOptions.MODEL_WAIT, "30 s");
    values.put(CrossEncoderFunctionOptions.DRIFT_REFERENCE, "0.5|0.25,0.75");
    values.put(CrossEncoderFunctionOptions.PRECISION, "int8");
    values.put(CrossEncoderFunctionOptions.ACTIVATION, "softmax");
    values.put(CrossEncoderFunctionOptions.MAX_LENGTH, "256");
    values.put(CrossEncoderFunctionOptions.TRUNCATION, "only_second");
    values.put(CrossEncoderFunctionOptions.PROMPT, "find: ");
    values.put(CrossEncoderFunctionOptions.PROMPT_NAME, "query");
    values.put(CrossEncoderFunctionOptions.TOP_N, "5");
    values.put(CrossEncoderFunctionOptions.MIN_SCORE, "0.25");
    values.put(CrossEncoderFunctionOptions.LABEL_THRESHOLD, "yes=0.9");
    values.put(CrossEncoderFunctionOptions.MAX_DOCUMENTS, "200");
    values.put(CrossEncoderFunctionOptions.CLASSIFY_LABELS, "a;'b;c'");
    values.put(CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE, "Is it {}?");
    values.put(CrossEncoderFunctionOptions.CLASSIFY_MULTI_LABEL, "true");
    values.put(CrossEncoderFunctionOptions.CLASSIFY_ENTAILMENT_LABEL, "YES");
    values.put(CrossEncoderFunctionOptions.LONG_DOCUMENT, "chunk");
    values.put(CrossEncoderFunctionOptions.CHUNK_TOKENS, "128");
    values.put(CrossEncoderFunctionOptions.CHUNK_OVERLAP, "16");
    values.put(CrossEncoderFunctionOptions.CHUNK_MAX, "7");
    values.put(CrossEncoderFunctionOptions.CHUNK_SCORE, "mean-top-3");
    values.put(CrossEncoderFunctionOptions.EVIDENCE, "sentence");
    values.put(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, "16");
    values.put(CrossEncoderFunctionOptions.BATCH_MAX_TOKENS, "2048");
    values.put(CrossEncoderFunctionOptions.BATCH_LINGER, "5 ms");
    values.put(CrossEncoderFunctionOptions.CAPACITY, "64");
    values.put(CrossEncoderFunctionOptions.ORDER, "unordered");
    values.put(CrossEncoderFunctionOptions.TIMEOUT, "10 min");
    values.put(CrossEncoderFunctionOptions.ON_TIMEOUT, "dead-letter");
    values.put(CrossEncoderFunctionOptions.DEVICE, "gpu1");
    values.put(CrossEncoderFunctionOptions.DEVICE_RESOURCE, "accelerator");
    values.put(CrossEncoderFunctionOptions.CPU_THREADS, "4");
    values.put(CrossEncoderFunctionOptions.TOKENIZER_THREADS, "3");
    values.put(CrossEncoderFunctionOptions.ALLOW_SLOW, "true");
    values.put(CrossEncoderFunctionOptions.CACHE_MAX_SIZE, "64 mb");
    values.put(CrossEncoderFunctionOptions.CASCADE_MODEL, "demo-qa");
    values.put(CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST, DIGEST);
    values.put(CrossEncoderFunctionOptions.CASCADE_KEEP, "7");
    values.put(CrossEncoderFunctionOptions.CASCADE_MARGIN, "0.5");
    return values;
  }

  private static Object valueOf(Field field) {
    try {
      return field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError("Cannot read the option " + field.getName(), e);
    }
  }
}
