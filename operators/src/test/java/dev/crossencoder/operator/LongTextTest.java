package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts of many chunks in a service: real chunks, and the score of a chunk is its length. */
@Timeout(120)
class LongTextTest {
  private static final String LONG = "Bread is best stored in a linen bag. ".repeat(1 << 13);
  private static final String SHORT = "Bread is best ";

  private static CrossEncoder chunks;
  private static CrossEncoder evidence;

  private final FakeDevice device = new FakeDevice();
  private final FakeScoringModel model = device.model();
  private final ScoringService service = device.service();
  private final FakeListener listener = new FakeListener();

  @BeforeAll
  static void open() {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT.withChunking(Chunking.DEFAULT);
    chunks = CrossEncoder.open(ModelRepository.shared().resolve("demo-qa"), options);
    evidence =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"), options.withEvidence(Evidence.SENTENCE));
  }

  @AfterAll
  static void close() {
    chunks.close();
    evidence.close();
  }

  @AfterEach
  void endThreads() {
    device.close();
  }

  private void submit(Lane lane, OutcomeListener hears, String passage) {
    service.submit(
        new PendingRecord(lane, List.of(new TextPair("how is bread stored?", passage)), hears));
  }

  @Test
  void fewChunksOfALongTextAreAhead() throws Exception {
    device.hold();
    model.withBegin(chunks::begin);

    submit(TestPairs.lane(), listener, LONG);

    // Two batches of 1000 tokens may wait, and a chunk has about 500.
    device.awaitWaiting(1, 4);
    model.letGo();
    assertThat((List<?>) listener.outcome()).hasSize(1);
    device.awaitWaiting(0, 0);
    assertThat(model.batches()).hasSizeGreaterThan(50);
  }

  @Test
  void aShortTextDoesNotWaitForTheEndOfALongOne() throws Exception {
    Lane lane = TestPairs.lane();
    FakeListener slow = new FakeListener();
    device.hold();
    model.withBegin(chunks::begin);
    submit(lane, slow, LONG);
    submit(lane, listener, SHORT);
    model.letGo();

    listener.outcome();

    assertThat(slow.calls()).isZero();
    slow.outcome();
  }

  @Test
  void theEvidenceIsSoughtAfterTheBestChunkIsKnown() throws Exception {
    model.withBegin(evidence::begin);

    submit(TestPairs.lane(), listener, "Bread is best stored in a linen bag. ".repeat(200));

    assertThat((List<?>) listener.outcome()).hasSize(1);
    assertThat(listener.calls()).isEqualTo(1);
  }

  @Test
  void aChunkWithoutAFiniteScoreFailsItsPairOnce() throws Exception {
    model
        .withBegin(chunks::begin)
        .withForward(
            batch -> batch.stream().map(pair -> FakeScoringModel.scoreOf(Float.NaN)).toList());

    submit(TestPairs.lane(), listener, LONG);

    assertThat(listener.outcome())
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.code()).isEqualTo(Failure.NON_FINITE_SCORE));
    device.awaitWaiting(0, 0);
    assertThat(listener.calls()).isEqualTo(1);
    assertThat(model.batches()).hasSizeLessThan(20);
  }

  @Test
  void aLongTextOfAnOperatorThatLeavesIsForgotten() throws Exception {
    Lane lane = TestPairs.lane();
    PendingRecord record =
        new PendingRecord(lane, List.of(new TextPair("how is bread stored?", LONG)), listener);
    device.hold();
    model.withBegin(chunks::begin);
    service.submit(record);
    device.awaitWaiting(1, 4);

    record.abandon();
    service.leave(lane);
    model.letGo();

    device.awaitWaiting(0, 0);
    assertThat(listener.calls()).isZero();
  }
}
