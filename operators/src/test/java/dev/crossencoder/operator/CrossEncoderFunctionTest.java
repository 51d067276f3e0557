package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The function in Flink's operator, with time and model in the test's hands. */
@Timeout(120)
class CrossEncoderFunctionTest {
  private static final long TIMEOUT_MILLIS = 10_000;

  private final FakeLoader loader = new FakeLoader();
  private final ModelRegistry registry =
      new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  private final List<Throwable> failures = new ArrayList<>();
  private final List<OneInputStreamOperatorTestHarness<String, Scored<String>>> open =
      new ArrayList<>();

  @AfterEach
  void closeOperators() throws Exception {
    for (OneInputStreamOperatorTestHarness<String, Scored<String>> harness : open) {
      letGo();
      harness.close();
    }
  }

  @Test
  void aRecordLeavesWithTheScoresOfItsPairs() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("3,1,2", 5L);
    harness.endInput();

    assertThat(values(harness.extractOutputValues())).containsExactly("3,1,2 -> [3.0, 1.0, 2.0]");
    assertThat(harness.extractOutputStreamRecords().get(0).getTimestamp()).isEqualTo(5L);
  }

  @Test
  void aRecordWithoutPairsLeavesWithoutScores() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("", 0L);
    harness.endInput();

    assertThat(values(harness.extractOutputValues())).containsExactly(" -> []");
  }

  @Test
  void aRecordThatTheSelectorRefusesLeavesAsAFailure() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    harness.processElement("refuse", 0L);
    harness.processElement("4", 0L);
    harness.endInput();

    assertThat(values(harness.extractOutputValues()))
        .containsExactly("refuse -> field_missing: There is no field.", "4 -> [4.0]");
  }

  @Test
  void anErrorOfTheSelectorFailsTheTask() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    assertThatThrownBy(() -> harness.processElement("not a number", 0L))
        .isInstanceOf(NumberFormatException.class)
        .hasMessageContaining("not a number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null     | Cannot score record null, the selector returned null. It must return a list, which is empty for a record without pairs.
          1,null,3 | Cannot score record 1,null,3, the selector returned null as pair 1 of 3.
          """)
  void aSelectorThatReturnsNullFailsTheTask(String element, String message) throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());

    assertThatThrownBy(() -> harness.processElement(element, 0L))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  @Test
  void theEndOfInputWaitsForTheLinger() throws Exception {
    Configuration options = options();
    options.set(CrossEncoderFunctionOptions.BATCH_LINGER, Duration.ofMillis(100));
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);

    harness.processElement("1", 0L);
    harness.processElement("2", 0L);
    harness.endInput();

    assertThat(values(harness.extractOutputValues())).containsExactly("1 -> [1.0]", "2 -> [2.0]");
  }

  @Test
  void anErrorOfTheEngineFailsTheTask() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    IllegalStateException broken = new IllegalStateException("the engine is broken");
    model()
        .withForward(
            batch -> {
              throw broken;
            });

    harness.processElement("1", 0L);

    assertThatThrownBy(harness::endInput)
        .hasMessage(
            "Cannot score record 1 on cpu: java.lang.IllegalStateException: the engine is broken")
        .hasCause(broken);
    assertThat(harness.extractOutputValues()).isEmpty();
  }

  @Test
  void recordsInFlightArePartOfACheckpointAndAreScoredAgain() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> first = open(options());
    first.processElement("1", 10L);
    first.processElement("2,3", 11L);
    first.processElement("4", 12L);
    OperatorSubtaskState checkpoint = first.snapshot(1L, 20L);
    letGo();
    first.close();
    open.clear();

    OneInputStreamOperatorTestHarness<String, Scored<String>> second = open(options(), checkpoint);
    letGo();
    second.endInput();

    assertThat(values(second.extractOutputValues()))
        .containsExactly("1 -> [1.0]", "2,3 -> [2.0, 3.0]", "4 -> [4.0]");
    assertThat(second.extractOutputStreamRecords())
        .extracting(record -> record.getTimestamp())
        .containsExactly(10L, 11L, 12L);
    assertThat(loader.loads()).hasSize(2);
  }

  @Test
  void whatHasLeftIsNotPartOfACheckpoint() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> first = open(options());
    first.processElement("1", 0L);
    first.endInput();
    OperatorSubtaskState checkpoint = first.snapshot(1L, 20L);

    OneInputStreamOperatorTestHarness<String, Scored<String>> second = open(options(), checkpoint);
    second.endInput();

    assertThat(second.extractOutputValues()).isEmpty();
  }

  @Test
  void closingAbandonsWhatIsInFlightAndFreesTheModel() throws Exception {
    loader.holding();
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    harness.processElement("1", 0L);
    model().awaitForwardPass();

    letGo();
    harness.close();
    open.clear();

    assertThat(harness.extractOutputValues()).isEmpty();
    assertThat(failures).isEmpty();
    assertThat(model().isClosed()).isTrue();
    assertThat(model().threads()).noneMatch(Thread::isAlive);
  }

  @Test
  void aTimeoutFailsTheTaskAndSaysWhatTheDeviceDoes() throws Exception {
    loader.holding();
    Configuration options = options();
    options.set(CrossEncoderFunctionOptions.CPU_THREADS, 1);
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    harness.processElement("7", 0L);
    model().awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);

    assertThatThrownBy(harness::endInput)
        .rootCause()
        .isInstanceOfSatisfying(
            TimeoutException.class,
            timeout ->
                assertThat(timeout.getMessage())
                    .matches(
                        "Record 7, the oldest in flight, was not scored within PT10S\\. On cpu, 0 pairs"
                            + " wait to be tokenized, 0 for a batch; cross-encoder-scorer-0 demo-qa on"
                            + " cpu is in a forward pass of 1 pairs with 7 tokens for \\d+ ms"
                            + " \\([A-Z_]+\\)\\. Raise cross-encoder\\.timeout if the device is"
                            + " only slow; a hanging device needs the restart that follows\\."));
  }

  @Test
  void aTimeoutBecomesAFailureIfThatIsWanted() throws Exception {
    loader.holding();
    Configuration options = options();
    options.setString(CrossEncoderFunctionOptions.ON_TIMEOUT.key(), "dead-letter");
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options);
    harness.processElement("7", 0L);
    model().awaitForwardPass();

    harness.setProcessingTime(TIMEOUT_MILLIS);
    letGo();
    harness.processElement("8", 0L);
    harness.endInput();

    List<Scored<String>> results = harness.extractOutputValues();
    assertThat(results).extracting(Scored::element).containsExactly("7", "8");
    assertThat(results.get(0).failure().code()).isEqualTo(Failure.TIMEOUT);
    assertThat(results.get(0).failure().message())
        .startsWith("Record 7, the oldest in flight, was not scored within PT10S. On cpu, ");
    assertThat(values(results)).last().isEqualTo("8 -> [8.0]");
    assertThat(failures).isEmpty();
  }

  @Test
  void aRecordThatIsScoredInTimeDoesNotTimeOut() throws Exception {
    OneInputStreamOperatorTestHarness<String, Scored<String>> harness = open(options());
    harness.processElement("7", 0L);
    harness.endInput();

    harness.setProcessingTime(TIMEOUT_MILLIS);

    assertThat(values(harness.extractOutputValues())).containsExactly("7 -> [7.0]");
    assertThat(failures).isEmpty();
  }

  @Test
  void aModelThatIsInvalidFailsTheTaskForGood() {
    loader.failOnce(new InvalidModelException("damaged"));

    assertThatThrownBy(() -> open(options()))
        .isInstanceOf(SuppressRestartsException.class)
        .hasRootCauseMessage("damaged");
  }

  @Test
  void aModelThatCannotBeLoadedJustNowMayBeLoadedAfterARestart() {
    loader.failOnce(new IllegalStateException("no natives"));

    assertThatThrownBy(() -> open(options()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no natives");
  }

  private static Configuration options() {
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.TIMEOUT, Duration.ofMillis(TIMEOUT_MILLIS));
    return options;
  }

  private OneInputStreamOperatorTestHarness<String, Scored<String>> open(
      Configuration options, OperatorSubtaskState... checkpoint) throws Exception {
    return PairHarness.open(
        CrossEncoderFunctionTest::pairs, options, registry, open, failures, checkpoint);
  }

  /** A record names the lengths of its pairs. */
  private static List<TextPair> pairs(String element) throws InvalidRecordException {
    if (element.equals("refuse")) {
      throw new InvalidRecordException("field_missing", "There is no field.");
    }
    if (element.isEmpty()) {
      return List.of();
    }
    if (element.equals("null")) {
      return null;
    }
    return Arrays.stream(element.split(",", -1))
        .map(
            length ->
                length.equals("null")
                    ? null
                    : FakeScoringModel.textOfLength(Integer.parseInt(length)))
        .toList();
  }

  private FakeScoringModel model() {
    return loader.model(loader.models().size() - 1);
  }

  private void letGo() {
    loader.letGo();
  }

  private static List<String> values(List<Scored<String>> results) {
    return results.stream()
        .map(
            scored ->
                scored.element()
                    + " -> "
                    + (scored.failed()
                        ? scored.failure().code() + ": " + scored.failure().message()
                        : scored.scores().stream().map(Score::score).toList()))
        .toList();
  }
}
