package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Records that choose their model by name. The models are fakes: a record is a name and a length,
 * which is its score.
 */
@Timeout(60)
class RoutedFunctionTest {
  private static final long TIMEOUT_MILLIS = 10_000;

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry =
      new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  private final List<OneInputStreamOperatorTestHarness<?, ?>> open = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final RecordedCounters counters = new RecordedCounters();

  @AfterEach
  void closeOperators() throws Exception {
    loader.letLoadsGo();
    loader.letGo();
    for (OneInputStreamOperatorTestHarness<?, ?> harness : open) {
      harness.close();
    }
    await().untilAsserted(() -> assertThat(loader.models()).allMatch(FakeScoringModel::isClosed));
  }

  private static Configuration options() {
    Configuration options = new Configuration();
    options.setString("cross-encoder.models.en.model", "demo-rank");
    options.setString("cross-encoder.models.de.model", "demo-qa");
    options.set(CrossEncoderFunctionOptions.ROUTE_DEFAULT, "en");
    options.set(CrossEncoderFunctionOptions.TIMEOUT, Duration.ofMillis(TIMEOUT_MILLIS));
    return options;
  }

  private static Configuration oneAtATime() {
    Configuration options = options();
    options.set(CrossEncoderFunctionOptions.MODELS_MAX_LOADED, 1);
    return options;
  }

  private OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      Configuration options, OperatorSubtaskState... checkpoint) throws Exception {
    return PairHarness.open(
        element -> List.of(pair(element)),
        Routing.fixed(RoutedFunctionTest::route),
        OutputMode.UNORDERED,
        options,
        registry,
        counters,
        open,
        failures,
        checkpoint);
  }

  private static TextPair pair(String element) {
    return FakeScoringModel.textOfLength(
        Integer.parseInt(element.substring(element.indexOf(' ') + 1)));
  }

  private static String route(String element) {
    String name = element.substring(0, element.indexOf(' '));
    return name.isEmpty() ? null : name;
  }

  private static List<String> models(OneInputStreamOperatorTestHarness<?, Scored<String>> harness) {
    return harness.extractOutputValues().stream()
        .map(scored -> scored.element() + " " + scored.model())
        .sorted()
        .toList();
  }

  private static List<Integer> lengths(FakeScoringModel model) {
    return model.batches().stream().flatMap(List::stream).sorted().toList();
  }

  @Test
  void eachRecordIsScoredByTheModelThatItNames() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("en 10", 0L);
    harness.processElement("de 20", 0L);
    harness.processElement(" 30", 0L);
    harness.endInput();

    assertThat(models(harness))
        .containsExactly(" 30 demo-rank", "de 20 demo-qa", "en 10 demo-rank");
    assertThat(harness.extractOutputValues())
        .allSatisfy(
            scored ->
                assertThat(scored.revision())
                    .isEqualTo(ModelRepository.shared().resolve(scored.model()).digest()))
        .flatExtracting(Scored::scores)
        .extracting(Score::score)
        .containsExactlyInAnyOrder(10f, 20f, 30f);
    assertThat(loader.loads()).hasSize(2);
    assertThat(lengths(loader.model(0))).containsExactly(10, 30);
    assertThat(lengths(loader.model(1))).containsExactly(20);
  }

  @Test
  void anUnknownNameIsAFailureAndTheOthersGoOn() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("fr 10", 0L);
    harness.processElement("de 20", 0L);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .filteredOn(Scored::failed)
        .singleElement()
        .satisfies(
            scored -> {
              assertThat(scored.element()).isEqualTo("fr 10");
              assertThat(scored.model()).isNull();
              assertThat(scored.failure())
                  .isEqualTo(
                      new Failure(
                          Failure.UNKNOWN_MODEL,
                          "The record names a model that is not one of cross-encoder.models: de, en."));
            });
    assertThat(models(harness)).contains("de 20 demo-qa");
    assertThat(counters.ofRoute("de", "pairsScored")).isOne();
    assertThat(counters.ofRoute("de", "recordsFailed")).isZero();
    assertThat(counters.ofRoute("en", "recordsFailed")).isZero();
  }

  @Test
  void failuresAreCountedByModel() throws Exception {
    loader.forwardWith(
        batch ->
            batch.stream()
                .map(pair -> FakeScoringModel.scoreOf(pair.length() == 20 ? Float.NaN : 1))
                .toList());
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("en 10", 0L);
    harness.processElement("de 20", 0L);
    harness.processElement("de 30", 0L);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .filteredOn(Scored::failed)
        .extracting(Scored::element, scored -> scored.failure().code())
        .containsExactly(tuple("de 20", Failure.NON_FINITE_SCORE));
    assertThat(counters.ofRoute("de", "recordsFailed")).isOne();
    assertThat(counters.ofRoute("de", "pairsScored")).isOne();
    assertThat(counters.ofRoute("en", "recordsFailed")).isZero();
    assertThat(counters.ofRoute("en", "pairsScored")).isOne();
  }

  @Test
  void aRecordWithoutANameNeedsADefault() throws Exception {
    Configuration options = options();
    options.removeConfig(CrossEncoderFunctionOptions.ROUTE_DEFAULT);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);

    harness.processElement(" 10", 0L);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .singleElement()
        .extracting(Scored::failure)
        .isEqualTo(
            new Failure(
                Failure.UNKNOWN_MODEL,
                "The record names no model, and cross-encoder.route.default is not set. Models: de, en."));
  }

  @Test
  void theSmallestScoreIsTheModels() throws Exception {
    Configuration options = options();
    options.setString("cross-encoder.models.de.min-score", "15");
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);

    harness.processElement("en 10", 0L);
    harness.processElement("de 10", 0L);
    harness.processElement("de 20", 0L);
    harness.endInput();

    assertThat(models(harness)).containsExactly("de 20 demo-qa", "en 10 demo-rank");
  }

  @Test
  void noMoreModelsAreLoadedThanAllowed() throws Exception {
    AtomicInteger loaded = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    loader.warmUpWith(() -> most.accumulateAndGet(loaded.incrementAndGet(), Math::max));
    loader.closeWith(loaded::decrementAndGet);
    Configuration options = options();
    options.setString("cross-encoder.models.fr.model", "demo-nli");
    options.set(CrossEncoderFunctionOptions.MODELS_MAX_LOADED, 2);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    Random random = new Random(3);
    List<String> names = List.of("en", "de", "fr");
    List<String> records =
        Stream.generate(() -> names.get(random.nextInt(3)) + " " + (1 + random.nextInt(50)))
            .limit(600)
            .toList();

    for (String record : records) {
      harness.processElement(record, 0L);
    }
    harness.endInput();

    assertThat(models(harness))
        .containsExactlyElementsOf(
            records.stream()
                .map(
                    record ->
                        record
                            + switch (record.substring(0, 2)) {
                              case "en" -> " demo-rank";
                              case "de" -> " demo-qa";
                              default -> " demo-nli";
                            })
                .sorted()
                .toList());
    assertThat(most).hasValueLessThanOrEqualTo(2);
    assertThat(loader.loads()).hasSizeGreaterThan(2);
    assertThat(failures).isEmpty();
  }

  @Test
  void theModelThatWasAskedForLeastRecentlyIsGivenBack() throws Exception {
    Configuration options = options();
    options.setString("cross-encoder.models.fr.model", "demo-nli");
    options.set(CrossEncoderFunctionOptions.MODELS_MAX_LOADED, 2);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    harness.processElement("de 10", 0L);
    harness.processElement("en 20", 0L);
    await().until(() -> harness.extractOutputValues().isEmpty() && batches() == 2);

    harness.processElement("fr 30", 0L);
    harness.endInput();

    assertThat(loader.loads()).hasSize(3);
    // The default model is loaded first.
    assertThat(loader.model(0).isClosed()).isFalse();
    assertThat(loader.model(1).isClosed()).isTrue();
    assertThat(lengths(loader.model(2))).containsExactly(30);
  }

  private int batches() {
    return loader.models().stream().mapToInt(model -> model.batches().size()).sum();
  }

  @Test
  void recordsOfALoadedModelDoNotWaitForAnother() throws Exception {
    Configuration options = options();
    options.setString("cross-encoder.models.fr.model", "demo-nli");
    options.set(CrossEncoderFunctionOptions.MODELS_MAX_LOADED, 2);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    loader.holdLoads();
    harness.processElement("fr 30", 0L);
    await().until(() -> loader.loads().size() == 3);

    harness.processElement("en 10", 0L);

    await().until(() -> lengths(loader.model(0)).equals(List.of(10)));
    assertThat(loader.models()).hasSize(2);
    loader.letLoadsGo();
    harness.endInput();
    assertThat(models(harness)).containsExactly("en 10 demo-rank", "fr 30 demo-nli");
  }

  @Test
  void aModelIsGivenBackOnlyWhenItsRecordsAreDone() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(oneAtATime());
    harness.processElement("en 10", 0L);
    loader.model(0).awaitForwardPass();

    harness.processElement("de 20", 0L);
    await().until(() -> isWaitingForRoom("de"));
    harness.processElement("en 30", 0L);

    assertThat(loader.loads()).hasSize(1);
    assertThat(loader.model(0).isClosed()).isFalse();
    loader.model(0).letGo();
    await().until(() -> loader.models().size() == 2);
    loader.model(1).letGo();
    await().until(() -> loader.models().size() == 3);
    loader.model(2).letGo();
    harness.endInput();
    assertThat(models(harness))
        .containsExactly("de 20 demo-qa", "en 10 demo-rank", "en 30 demo-rank");
    assertThat(lengths(loader.model(0))).containsExactly(10);
    assertThat(lengths(loader.model(2))).containsExactly(30);
  }

  private static boolean isWaitingForRoom(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("cross-encoder-model-pool " + name))
        .anyMatch(thread -> thread.getState() == Thread.State.WAITING);
  }

  @Test
  void aModelThatCannotBeLoadedFailsTheTaskForGood() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(oneAtATime());
    loader.failOnce(new InvalidModelException("The file is damaged."));

    harness.processElement("de 20", 0L);

    assertThatThrownBy(harness::endInput)
        .hasStackTraceContaining("The file is damaged.")
        .satisfies(
            failure ->
                assertThat(failure)
                    .extracting(RoutedFunctionTest::causes)
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .hasAtLeastOneElementOfType(SuppressRestartsException.class));
  }

  private static List<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).toList();
  }

  @Test
  void aRecordThatWaitsForAModelTimesOut() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(oneAtATime());
    loader.holdLoads();
    harness.processElement("de 20", 0L);

    harness.setProcessingTime(TIMEOUT_MILLIS);

    assertThatThrownBy(harness::endInput)
        .rootCause()
        .hasMessageContaining("Record de 20, the oldest in flight, was not scored within PT10S.")
        .hasMessageContaining("1 records wait until the model de is loaded");
  }

  @Test
  void aRecordThatWaitsForAModelCanBecomeADeadLetter() throws Exception {
    Configuration options = oneAtATime();
    options.setString(CrossEncoderFunctionOptions.ON_TIMEOUT.key(), "dead-letter");
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    loader.holdLoads();
    harness.processElement("de 20", 0L);

    harness.setProcessingTime(TIMEOUT_MILLIS);
    harness.processElement("de 30", TIMEOUT_MILLIS);
    loader.letLoadsGo();
    // The model is given back: it does not wait for the record that has gone.
    harness.processElement("en 40", TIMEOUT_MILLIS);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .extracting(Scored::failed, scored -> scored.element() + " " + scored.model())
        .containsExactlyInAnyOrder(
            tuple(true, "de 20 demo-qa"),
            tuple(false, "de 30 demo-qa"),
            tuple(false, "en 40 demo-rank"));
    assertThat(lengths(loader.model(1))).containsExactly(30);
    assertThat(counters.ofRoute("de", "recordsFailed")).isOne();
    assertThat(counters.ofRoute("en", "recordsFailed")).isZero();
  }

  @Test
  void aModelOfACascadeHasARouteToo() throws Exception {
    Configuration options = oneAtATime();
    options.setString("cross-encoder.models.de.cascade.model", "demo-rank");
    options.setString("cross-encoder.models.de.cascade.margin", "0.25");
    loader.forwardWith(
        batch ->
            batch.stream().map(pair -> FakeScoringModel.scoreOf(pair.length() / 100f)).toList());
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);

    harness.processElement("de 50", 0L);
    harness.processElement("en 50", 0L);
    harness.processElement("de 90", 0L);
    harness.endInput();

    assertThat(harness.extractOutputValues())
        .extracting(
            scored -> scored.element() + " " + scored.model(),
            scored -> scored.stages().size(),
            Scored::scoredBy)
        .containsExactlyInAnyOrder(
            tuple("de 50 demo-qa", 2, List.of(1)),
            tuple("en 50 demo-rank", 0, List.of()),
            tuple("de 90 demo-qa", 2, List.of(0)));
  }

  /** The files of each of two models fit, those of both do not. */
  @Test
  void theFilesOfTheModelsAreLimited() throws Exception {
    long english = ModelRepository.shared().resolve("demo-rank").bytes();
    long german = ModelRepository.shared().resolve("demo-qa").bytes();
    Configuration options = options();
    options.set(CrossEncoderFunctionOptions.MODELS_MAX_SIZE, new MemorySize(english + german - 1));
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    assertThat(loader.models()).hasSize(1);

    harness.processElement("de 20", 0L);
    harness.endInput();

    assertThat(models(harness)).containsExactly("de 20 demo-qa");
    assertThat(loader.model(0).isClosed()).isTrue();
    Configuration tooSmall = options();
    tooSmall.set(CrossEncoderFunctionOptions.MODELS_MAX_SIZE, new MemorySize(german - 1));
    assertThatThrownBy(() -> open(tooSmall))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageContaining("Invalid cross-encoder.models.max-size")
        .hasMessageContaining("The model de alone has %d bytes: raise it.".formatted(german));
  }

  @Test
  void closingWhileAModelIsLoadedFreesIt() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(oneAtATime());
    loader.holdLoads();
    harness.processElement("de 20", 0L);
    await().until(() -> loader.loads().size() == 2);

    harness.close();
    open.clear();

    assertThat(loader.model(0).isClosed()).isTrue();
    assertThat(failures).isEmpty();
  }

  @Test
  void recordsInFlightAreRoutedAgainAfterARestart() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(oneAtATime());
    harness.processElement("en 10", 0L);
    harness.processElement("de 20", 0L);
    OperatorSubtaskState checkpoint = harness.snapshot(1L, 0L);
    loader.model(0).letGo();
    await().until(() -> loader.models().size() == 2);
    loader.model(1).letGo();
    harness.close();
    open.clear();
    loader.letGo();

    Configuration both = options();
    OneInputStreamOperatorTestHarness<String, Scored<String>> restored = open(both, checkpoint);
    loader.letGo();
    restored.endInput();

    assertThat(models(restored)).containsExactly("de 20 demo-qa", "en 10 demo-rank");
  }

  @Test
  void aModelThatHasChangedSinceTheStartIsNotUsed() throws Exception {
    AtomicInteger resolved = new AtomicInteger();
    ModelRegistry changing =
        new ModelRegistry(
            (model, precision) ->
                ModelRepository.shared()
                    .resolve(
                        model.equals("demo-qa") && resolved.incrementAndGet() > 1
                            ? "demo-nli"
                            : model),
            loader);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness =
        PairHarness.open(
            element -> List.of(pair(element)),
            Routing.fixed(RoutedFunctionTest::route),
            OutputMode.UNORDERED,
            oneAtATime(),
            changing,
            new RecordedCounters(),
            open,
            failures);

    harness.processElement("de 20", 0L);

    assertThatThrownBy(harness::endInput)
        .rootCause()
        .hasMessageStartingWith("The model de has changed since the task was started");
  }

  /** Such a class references its test, which cannot be serialized. */
  @Test
  void selectorsMayBeAnonymousClasses() {
    DataStream<String> records =
        StreamExecutionEnvironment.getExecutionEnvironment().fromData("en 10", "de 20");

    SingleOutputStreamOperator<Scored<String>> scored =
        CrossEncoderFunction.score(
            records,
            "relevance",
            new PairSelector<>() {
              private static final long serialVersionUID = 1L;

              @Override
              public List<TextPair> pairs(String element) {
                return List.of(pair(element));
              }
            },
            new RouteSelector<>() {
              private static final long serialVersionUID = 1L;

              @Override
              public String route(String element) {
                return element.substring(0, 2);
              }
            },
            options());

    assertThat(scored.getName()).isEqualTo("cross-encoder relevance");
  }
}
