package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.Score;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

@Timeout(60)
class ScoringServiceTest {
  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(ScoringService.class, Level.WARN);

  private final FakeDevice device = new FakeDevice();
  private final FakeScoringModel model = device.model();
  private final ScoringService service = device.service();
  private final FakeListener listener = new FakeListener();

  @AfterEach
  void endThreads() {
    device.close();
  }

  @Test
  void theScoresOfARecordAreInTheOrderOfItsPairs() throws Exception {
    service.submit(TestPairs.record(listener, 3, 1, 2));

    assertThat(listener.outcome()).isEqualTo(List.of(3f, 1f, 2f));
  }

  @Test
  void aTextThatTheTokenizerRefusesFailsItsRecordOnly() throws Exception {
    model.withTokenizer(
        pair -> {
          if (pair.text().length() == 13) {
            throw new IllegalArgumentException("unlucky");
          }
          return FakeScoringModel.tokens(pair);
        });
    FakeListener neighbour = new FakeListener();

    service.submit(TestPairs.record(listener, 1, 13, 2));
    service.submit(TestPairs.record(neighbour, 3));

    assertThat(listener.outcome())
        .isEqualTo(new Failure(Failure.TOKENISATION_FAILED, "The tokenizer failed on the text."));
    assertThat(neighbour.outcome()).isEqualTo(List.of(3f));
  }

  @Test
  void aPairThatFailsIsOneOfTheOutcomesOfAListenerThatKeepsIt() throws Exception {
    model.withTokenizer(
        pair -> {
          if (pair.text().length() == 2) {
            throw new PairTooLongException("It is too long.");
          }
          return FakeScoringModel.tokens(pair);
        });
    CompletableFuture<List<PairOutcome>> heard = new CompletableFuture<>();

    service.submit(TestPairs.record(new KeepingListener(heard), 1, 2, 3));

    List<PairOutcome> outcomes = heard.get(20, TimeUnit.SECONDS);
    assertThat(outcomes).hasSize(3);
    assertThat(PairOutcome.scores(outcomes)).extracting(Score::score).containsExactly(1f, 3f);
    assertThat(outcomes.get(1).failure().code()).isEqualTo(Failure.PAIR_TOO_LONG);
  }

  @Test
  void textsThatTheTokenizerRefusesAreLoggedOnceAMinute() throws Exception {
    model.withTokenizer(
        pair -> {
          throw new IllegalArgumentException("unlucky");
        });
    FakeListener second = new FakeListener();

    service.submit(TestPairs.record(listener, 1));
    service.submit(TestPairs.record(second, 2));

    assertThat(listener.outcome()).isInstanceOf(Failure.class);
    assertThat(second.outcome()).isInstanceOf(Failure.class);
    assertThat(log.getMessages()).hasSize(1);
  }

  @Test
  void anErrorOfTheTokenizerIsAnErrorOfTheRecord() throws Exception {
    StackOverflowError broken = new StackOverflowError();
    model.withTokenizer(
        pair -> {
          throw broken;
        });

    service.submit(TestPairs.record(listener, 1));

    assertThat(listener.outcome()).isSameAs(broken);
  }

  @Test
  void theTokenizerOutlivesErrorsAndListenersThatThrow() throws Exception {
    model.withTokenizer(
        pair -> {
          throw new StackOverflowError();
        });
    OutcomeListener rude =
        new OutcomeListener() {
          @Override
          public void completed(List<PairOutcome> outcomes) {}

          @Override
          public void failed(Failure failure) {}

          @Override
          public void errored(Throwable error) {
            throw new OutOfMemoryError("Java heap space");
          }
        };
    FakeListener second = new FakeListener();
    service.submit(TestPairs.record(rude, 1));
    service.submit(TestPairs.record(second, 2));
    assertThat(second.outcome()).isInstanceOf(StackOverflowError.class);
    model.withTokenizer(FakeScoringModel::tokens);

    service.submit(TestPairs.record(listener, 3));

    assertThat(listener.outcome()).isEqualTo(List.of(3f));
  }

  @Test
  void itsThreadsAreNamedDaemonsWithoutAUserClassLoader() throws Exception {
    service.submit(TestPairs.record(listener, 1));
    listener.outcome();

    assertThat(model.threads())
        .extracting(Thread::getName)
        .containsExactly(
            "cross-encoder-tokenizer-0 fake on cpu", "cross-encoder-scorer-0 fake on cpu");
    assertThat(model.threads()).allMatch(Thread::isDaemon);
    assertThat(model.threads())
        .allMatch(
            thread -> thread.getContextClassLoader() == ScoringService.class.getClassLoader());
  }

  @Test
  void itsThreadsInheritNothingFromTheTaskThatStartsThem() throws Exception {
    InheritableThreadLocal<String> ofTheTask = new InheritableThreadLocal<>();
    ofTheTask.set("a user's object");
    FakeDevice started = new FakeDevice();
    List<String> inherited = new CopyOnWriteArrayList<>();
    started
        .model()
        .withTokenizer(
            pair -> {
              inherited.add(String.valueOf(ofTheTask.get()));
              return FakeScoringModel.tokens(pair);
            });

    started.service().submit(TestPairs.record(listener, 1));
    listener.outcome();
    started.close();

    assertThat(inherited).containsExactly("null");
  }

  @Test
  void closingEndsAllThreadsAndFreesTheModel() throws Exception {
    service.ensureWorkers(2);
    service.submit(TestPairs.record(listener, 1));
    listener.outcome();

    service.close(Duration.ofSeconds(20));

    assertThat(model.isClosed()).isTrue();
    assertThat(model.threads()).noneMatch(Thread::isAlive);
    assertThat(log.getMessages()).isEmpty();
  }

  @Test
  void closingWaitsForAForwardPassThatEnds() throws Exception {
    model.hold();
    service.submit(TestPairs.record(listener, 1));
    model.awaitForwardPass();
    Thread closer = new Thread(() -> service.close(Duration.ofSeconds(20)), "closer");
    closer.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> closer.getState() == Thread.State.TIMED_WAITING);

    model.letGo();
    closer.join();

    assertThat(model.isClosed()).isTrue();
  }

  @Test
  void aModelInAForwardPassThatHangsIsLeakedAndSaysSo() throws Exception {
    model.hold();
    service.submit(TestPairs.record(listener, 7));
    model.awaitForwardPass();

    service.close(Duration.ofMillis(30));

    assertThat(model.isClosed()).isFalse();
    assertThat(log.getMessages())
        .singleElement()
        .asString()
        .contains(
            "Cannot free the model fake on cpu",
            "PT0.03S",
            "cross-encoder-scorer-0 fake on cpu is in a forward pass of 1 pairs with 7 tokens",
            "if it hangs, its memory is leaked until the process ends.");
  }

  @Test
  void aModelInAForwardPassThatEndsLateIsFreedThen() throws Exception {
    model.hold();
    service.submit(TestPairs.record(listener, 7));
    model.awaitForwardPass();
    service.close(Duration.ofMillis(30));
    assertThat(model.isClosed()).isFalse();

    model.letGo();

    eventually().untilAsserted(() -> assertThat(model.isClosed()).isTrue());
  }

  @Test
  void anInterruptDoesNotFreeTheModelInUseAndIsKept() throws Exception {
    model.hold();
    service.submit(TestPairs.record(listener, 7));
    model.awaitForwardPass();

    Thread.currentThread().interrupt();
    service.close(Duration.ofMillis(30));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(model.isClosed()).isFalse();
  }

  @Test
  void noMoreIsTokenizedThanTheNextBatchesNeed() throws Exception {
    int ahead = 2 * FakeDevice.LIMITS.maxPairs();
    device.hold();

    service.submit(TestPairs.record(listener, lengths(100)));

    device.awaitWaiting(100 - ahead, ahead);
    awaitIdleTokenizer();
    device.awaitWaiting(100 - ahead, ahead);
    model.letGo();
    assertThat(listener.outcome()).asInstanceOf(LIST).hasSize(100);
    assertThat(model.batches().stream().mapToInt(List::size).max()).hasValue(4);
  }

  @Test
  void tokensAheadAreBoundedAndAPairBeyondTheBoundIsScored() throws Exception {
    device.hold();

    service.submit(TestPairs.record(listener, 900, 5_000, 5_000, 1));

    device.awaitWaiting(2, 2);
    awaitIdleTokenizer();
    device.awaitWaiting(2, 2);
    model.letGo();
    assertThat(listener.outcome()).isEqualTo(List.of(900f, 5_000f, 5_000f, 1f));
  }

  @Test
  void whatIsAbandonedMakesRoomForWhatComesBehindIt() throws Exception {
    Lane lane = TestPairs.lane();
    device.hold();
    PendingRecord abandoned = TestPairs.record(lane, new FakeListener(), lengths(100));
    service.submit(abandoned);
    service.submit(TestPairs.record(lane, listener, 7));
    awaitIdleTokenizer();

    abandoned.abandon();
    model.letGo();

    assertThat(listener.outcome()).isEqualTo(List.of(7f));
    assertThat(model.batches()).doesNotContain(List.of(2, 2, 2, 2));
    device.awaitWaiting(0, 0);
  }

  @Test
  void anOperatorThatFloodsTheDeviceDoesNotKeepAnotherWaiting() throws Exception {
    Lane flooding = TestPairs.lane();
    device.hold();
    for (int i = 0; i < 20; i++) {
      service.submit(TestPairs.record(flooding, new FakeListener(), lengths(1_000)));
    }
    awaitIdleTokenizer();

    service.submit(TestPairs.record(TestPairs.lane(), listener, 13));
    awaitIdleTokenizer();
    model.letGo();

    assertThat(listener.outcome()).isEqualTo(List.of(13f));
    assertThat(model.batches().stream().limit(3).anyMatch(batch -> batch.contains(13)))
        .as("the second operator's pair is in the first or second batch behind the one that ran")
        .isTrue();
  }

  @Test
  void theTokenizerTakesTurnsByItsTime() throws Exception {
    Lane slow = TestPairs.lane();
    Lane quick = TestPairs.lane();
    AtomicInteger slowOnes = new AtomicInteger();
    model.withTokenizer(
        pair -> {
          if (pair.text().length() == 9) {
            slowOnes.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          }
          return FakeScoringModel.tokens(pair);
        });
    int[] nines = new int[500];
    Arrays.fill(nines, 9);
    service.submit(TestPairs.record(slow, new FakeListener(), nines));
    eventually().until(() -> slowOnes.get() > 0);

    service.submit(TestPairs.record(quick, listener, lengths(200)));

    assertThat(listener.outcome()).asInstanceOf(LIST).hasSize(200);
    assertThat(slowOnes).hasValueLessThan(100);
    service.leave(slow);
  }

  @Test
  void anOperatorThatLeavesIsForgotten() throws Exception {
    Lane lane = TestPairs.lane();
    device.hold();
    service.submit(TestPairs.record(lane, new FakeListener(), lengths(100)));
    awaitIdleTokenizer();

    service.leave(lane);

    device.awaitWaiting(0, 0);
    model.letGo();
    service.submit(TestPairs.record(listener, 3));
    assertThat(listener.outcome()).isEqualTo(List.of(3f));
  }

  @Test
  void lonePairsRunSideBySideWhereAPassCannotUseAllCores() throws Exception {
    model.withMaxPassThreads(1).hold();
    service.ensureWorkers(2);
    service.submit(TestPairs.record(listener, 1));
    model.awaitForwardPass();

    service.submit(TestPairs.record(new FakeListener(), 2));

    model.awaitForwardPass();
    assertThat(model.passThreads()).containsExactly(1, 1);
  }

  private static int[] lengths(int pairs) {
    int[] lengths = new int[pairs];
    Arrays.fill(lengths, 2);
    return lengths;
  }

  /** Waits until the tokenizer waits, be it for pairs or for room. */
  private static void awaitIdleTokenizer() {
    eventually()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("cross-encoder-tokenizer"))
                    .allMatch(thread -> thread.getState() == Thread.State.WAITING));
  }

  @Test
  void itSaysWhatWaitsAndWhatItsThreadsDo() throws Exception {
    device.hold();
    service.submit(TestPairs.record(listener, 5, 6));
    device.awaitTokenized(2);

    assertThat(service.describe())
        .matches(
            "0 pairs wait to be tokenized, 2 for a batch; cross-encoder-scorer-0 fake on cpu is in a"
                + " forward pass of 1 pairs with 1 tokens for \\d+ ms \\([A-Z_]+\\)");
  }
}
