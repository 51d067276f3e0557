package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What happens to records between the two models of a cascade. Both are fakes: a record names its
 * pairs by numbers, which are their scores in per cent. The first model is sure from 75 on and up
 * to 25.
 */
@Timeout(60)
class CascadeFunctionTest {
  private static final long TIMEOUT_MILLIS = 10_000;

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry =
      new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  private final List<OneInputStreamOperatorTestHarness<?, ?>> open = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();

  CascadeFunctionTest() {
    loader.forwardWith(
        batch ->
            batch.stream().map(pair -> FakeScoringModel.scoreOf(pair.length() / 100f)).toList());
  }

  @AfterEach
  void closeOperators() throws Exception {
    loader.letGo();
    for (OneInputStreamOperatorTestHarness<?, ?> harness : open) {
      harness.close();
    }
    assertThat(loader.models()).allMatch(FakeScoringModel::isClosed);
  }

  private OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      Configuration options, OperatorSubtaskState... checkpoint) throws Exception {
    return PairHarness.open(
        CascadeFunctionTest::pairs, options, registry, open, failures, checkpoint);
  }

  private static Configuration options() {
    Configuration options = TestOptions.of("demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_MODEL, "demo-qa");
    options.set(CrossEncoderFunctionOptions.CASCADE_MARGIN, 0.25f);
    options.set(CrossEncoderFunctionOptions.TIMEOUT, Duration.ofMillis(TIMEOUT_MILLIS));
    return options;
  }

  private static List<TextPair> pairs(String element) {
    return Arrays.stream(element.split(",", -1))
        .map(length -> FakeScoringModel.textOfLength(Integer.parseInt(length)))
        .toList();
  }

  /** The main model is loaded first, so that a model which does not fit it is never loaded. */
  private FakeScoringModel main() {
    return loader.model(0);
  }

  private FakeScoringModel first() {
    return loader.model(1);
  }

  private static List<Integer> lengths(FakeScoringModel model) {
    return model.batches().stream().flatMap(List::stream).sorted().toList();
  }

  @Test
  void theMainModelScoresThePairsInDoubtOnly() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("90,40,10,60", 0L);
    harness.processElement("5", 0L);
    harness.endInput();

    List<Scored<String>> results = harness.extractOutputValues();
    assertThat(results.get(0).scores())
        .extracting(Score::score)
        .containsExactly(0.9f, 0.4f, 0.1f, 0.6f);
    assertThat(results.get(0).scoredBy()).containsExactly(0, 1, 0, 1);
    assertThat(results.get(1).scoredBy()).containsExactly(0);
    assertThat(results.get(1).model()).isEqualTo("demo-rank");
    assertThat(results.get(1).stages())
        .extracting(Stage::model)
        .containsExactly("demo-qa", "demo-rank");
    assertThat(lengths(first())).containsExactly(5, 10, 40, 60, 90);
    assertThat(lengths(main())).containsExactly(40, 60);
  }

  @Test
  void aTimeoutInTheSecondStageFailsTheTask() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    main().hold();
    harness.processElement("50", 0L);
    main().awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);

    assertThatThrownBy(harness::endInput)
        .rootCause()
        .hasMessageContaining("Record 50, the oldest in flight, was not scored within PT10S.")
        .hasMessageContaining("cross-encoder-scorer-0 demo-qa on cpu is waiting for a batch")
        .hasMessageContaining("In the second stage of the cascade, 0 pairs wait")
        .hasMessageContaining("demo-rank on cpu is in a forward pass of 1 pairs with 50 tokens");
  }

  @Test
  void aRecordThatTimesOutInTheFirstStageDoesNotReachTheMainModel() throws Exception {
    Configuration options = options();
    options.setString(CrossEncoderFunctionOptions.ON_TIMEOUT.key(), "dead-letter");
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    first().hold();
    harness.processElement("50", 0L);
    first().awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);
    first().letGo();
    harness.processElement("60", TIMEOUT_MILLIS);
    harness.endInput();

    List<Scored<String>> results = harness.extractOutputValues();
    assertThat(results.get(0).failure().code()).isEqualTo(Failure.TIMEOUT);
    assertThat(results.get(1).scoredBy()).containsExactly(1);
    assertThat(lengths(main())).containsExactly(60);
    assertThat(failures).isEmpty();
  }

  @Test
  void closingInTheSecondStageFreesBothModels() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    main().hold();
    harness.processElement("50", 0L);
    main().awaitForwardPass();

    main().letGo();
    harness.close();
    open.clear();

    assertThat(failures).isEmpty();
    assertThat(main().isClosed()).isTrue();
    assertThat(first().isClosed()).isTrue();
  }

  @Test
  void aRecordInTheSecondStageIsPartOfACheckpointAndBeginsAgain() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    main().hold();
    harness.processElement("50", 0L);
    main().awaitForwardPass();
    OperatorSubtaskState checkpoint = harness.snapshot(1L, 0L);
    main().letGo();
    harness.close();
    open.clear();

    OneInputStreamOperatorTestHarness<String, Scored<String>> restored =
        open(options(), checkpoint);
    restored.endInput();

    assertThat(restored.extractOutputValues())
        .singleElement()
        .satisfies(scored -> assertThat(scored.scoredBy()).containsExactly(1));
    assertThat(lengths(loader.model(3))).containsExactly(50);
    assertThat(lengths(loader.model(2))).containsExactly(50);
  }

  @Test
  void anErrorOfTheMainModelFailsTheTask() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    main()
        .withForward(
            batch -> {
              throw new IllegalStateException("broken");
            });

    harness.processElement("50", 0L);

    assertThatThrownBy(harness::endInput).rootCause().hasMessage("broken");
  }

  @Test
  void aScoreThatIsNotFiniteInTheSecondStageIsAFailure() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    main()
        .withForward(
            batch -> batch.stream().map(pair -> FakeScoringModel.scoreOf(Float.NaN)).toList());

    harness.processElement("50", 0L);
    harness.processElement("90", 0L);
    harness.endInput();

    List<Scored<String>> results = harness.extractOutputValues();
    assertThat(results.get(0).failure().code()).isEqualTo(Failure.NON_FINITE_SCORE);
    assertThat(results.get(1).scores()).hasSize(1);
  }

  @Test
  void aFirstModelThatDoesNotFitIsNotLoadedAndTheMainModelIsFreed() {
    Configuration options = options();
    options.set(CrossEncoderFunctionOptions.CASCADE_MODEL, "demo-nli");

    assertThatThrownBy(() -> open(options))
        .hasStackTraceContaining("Invalid cross-encoder.cascade.model: demo-nli.");

    open.clear();
    assertThat(loader.models()).hasSize(1);
    assertThat(main().isClosed()).isTrue();
  }
}
