package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;

@Timeout(60)
class ScoringWorkerTest {
  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(ScoringWorker.class, Level.WARN);

  private final FakeDevice device = new FakeDevice();
  private final FakeScoringModel model = device.model();
  private final ScoringService service = device.service();
  private final FakeListener listener = new FakeListener();

  @AfterEach
  void endThreads() {
    device.close();
  }

  @Test
  void pairsOfOneRecordRideInDifferentBatchesAndTheRecordCompletesOnce() throws Exception {
    service.submit(TestPairs.record(listener, 1, 2, 3, 4, 5, 6, 7, 8, 9));

    assertThat(listener.outcome()).isEqualTo(List.of(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f));
    assertThat(model.batches()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(listener.calls()).isEqualTo(1);
  }

  @Test
  void pairsOfDifferentRecordsShareABatch() throws Exception {
    device.hold();
    FakeListener other = new FakeListener();
    service.submit(TestPairs.record(listener, 1));
    service.submit(TestPairs.record(other, 2));
    device.awaitTokenized(2);

    model.letGo();

    assertThat(listener.outcome()).isEqualTo(List.of(1f));
    assertThat(other.outcome()).isEqualTo(List.of(2f));
    assertThat(model.batches()).last().isEqualTo(List.of(1, 2));
  }

  @Test
  void aNonFiniteScoreFailsItsRecordOnly() throws Exception {
    model.withForward(
        batch ->
            batch.stream()
                .map(
                    pair ->
                        FakeScoringModel.scoreOf(pair.length() == 13 ? Float.NaN : pair.length()))
                .toList());
    FakeListener neighbour = new FakeListener();
    device.hold();
    service.submit(TestPairs.record(listener, 1, 13));
    service.submit(TestPairs.record(neighbour, 2));
    device.awaitTokenized(3);

    model.letGo();

    assertThat(listener.outcome())
        .isEqualTo(
            new Failure(
                Failure.NON_FINITE_SCORE,
                "The model returned a score that is NaN or infinite for pair 1 of the record."));
    assertThat(neighbour.outcome()).isEqualTo(List.of(2f));
  }

  @Test
  void aBatchThatDoesNotFitIntoMemoryIsHalvedUntilItDoes() throws Exception {
    model.withForward(batch -> onlySmall(batch, 1));
    device.hold();
    service.submit(TestPairs.record(listener, 1, 2, 3, 4));
    device.awaitTokenized(4);

    model.letGo();

    assertThat(listener.outcome()).isEqualTo(List.of(1f, 2f, 3f, 4f));
    assertThat(model.batches())
        .endsWith(
            List.of(1, 2, 3, 4),
            List.of(1, 2),
            List.of(1),
            List.of(2),
            List.of(3, 4),
            List.of(3),
            List.of(4));
  }

  @Test
  void halvingsAreCountedForEachOperatorAndLoggedOnceAMinute() throws Exception {
    model.withForward(batch -> onlySmall(batch, 1));
    MetricListener three = new MetricListener();
    MetricListener one = new MetricListener();

    scoreTogether(three, one);

    assertThat(counter(three, "batchesHalved")).isEqualTo(3);
    assertThat(counter(one, "batchesHalved")).isEqualTo(2);
    assertThat(log.getMessages()).hasSize(1);
  }

  @Test
  void theTimeOfAForwardPassIsDividedAmongOperatorsByTheirPairs() throws Exception {
    model.withForward(ScoringWorkerTest::slowly);
    MetricListener three = new MetricListener();
    MetricListener one = new MetricListener();

    scoreTogether(three, one);

    assertThat(counter(one, "forwardBusyMicros")).isGreaterThan(1_000);
    assertThat(counter(three, "forwardBusyMicros"))
        .isCloseTo(3 * counter(one, "forwardBusyMicros"), within(3L));
  }

  @Test
  void aLonePairThatDoesNotFitIntoMemoryFailsItsRecordOnly() throws Exception {
    model.withForward(batch -> onlyLength(batch, 100));
    FakeListener neighbour = new FakeListener();
    device.hold();
    service.submit(TestPairs.record(listener, 500));
    service.submit(TestPairs.record(neighbour, 2));
    device.awaitTokenized(2);

    model.letGo();

    assertThat(listener.outcome())
        .isEqualTo(new Failure(Failure.DEVICE_OUT_OF_MEMORY, "500 tokens do not fit"));
    assertThat(neighbour.outcome()).isEqualTo(List.of(2f));
  }

  @Test
  void aModelThatReturnsTooFewScoresIsAnError() throws Exception {
    model.withForward(batch -> List.of());

    service.submit(TestPairs.record(listener, 1));

    assertThat(listener.outcome()).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void everyRecordOfABatchHearsOfAnErrorAndTheThreadOutlivesIt(Throwable broken) throws Exception {
    FakeListener other = new FakeListener();
    device.hold();
    model.withForward(batch -> sneakyThrow(broken));
    service.submit(TestPairs.record(listener, 1, 2));
    service.submit(TestPairs.record(other, 3));
    device.awaitTokenized(3);
    model.letGo();

    assertThat(listener.outcome()).isSameAs(broken);
    assertThat(other.outcome()).isSameAs(broken);
    assertServedStill();
  }

  @ParameterizedTest
  @MethodSource("errors")
  void aListenerThatThrowsKeepsNobodyFromItsOutcome(Throwable thrown) throws Exception {
    device.hold();
    service.submit(TestPairs.record(new RudeListener(thrown), 1));
    service.submit(TestPairs.record(listener, 2));
    device.awaitTokenized(2);
    model.letGo();

    assertThat(listener.outcome()).isEqualTo(List.of(2f));
    assertServedStill();
  }

  @ParameterizedTest
  @MethodSource("errors")
  void aListenerThatThrowsWhenItHearsOfAnErrorKeepsNobodyFromTheirs(Throwable thrown)
      throws Exception {
    UnsatisfiedLinkError broken = new UnsatisfiedLinkError("no such symbol");
    device.hold();
    model.withForward(
        batch -> {
          throw broken;
        });
    service.submit(TestPairs.record(new RudeListener(thrown), 1));
    service.submit(TestPairs.record(listener, 2));
    device.awaitTokenized(2);
    model.letGo();

    assertThat(listener.outcome()).isSameAs(broken);
    assertServedStill();
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorWhileABatchIsHalvedReachesEveryRecord(Throwable broken) throws Exception {
    FakeListener other = new FakeListener();
    device.hold();
    model.withForward(
        batch -> {
          if (batch.size() > 1) {
            throw new DeviceOutOfMemoryException("They do not fit.", null);
          }
          return sneakyThrow(broken);
        });
    service.submit(TestPairs.record(listener, 1));
    service.submit(TestPairs.record(other, 2));
    device.awaitTokenized(2);
    model.letGo();

    assertThat(listener.outcome()).isSameAs(broken);
    assertThat(other.outcome()).isSameAs(broken);
    assertServedStill();
  }

  private static Stream<Throwable> errors() {
    return Stream.of(
        new IllegalStateException("broken"),
        new StackOverflowError(),
        new OutOfMemoryError("Java heap space"),
        new NoClassDefFoundError("some/Class"),
        new AssertionError("broken"));
  }

  private void assertServedStill() throws Exception {
    FakeListener next = new FakeListener();
    model.withForward(FakeScoringModel::lengths);

    service.submit(TestPairs.record(next, 5));

    assertThat(next.outcome()).isEqualTo(List.of(5f));
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> List<Score> sneakyThrow(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** Throws whatever it hears. */
  private record RudeListener(Throwable thrown) implements OutcomeListener {
    @Override
    public void completed(List<PairOutcome> outcomes) {
      sneakyThrow(thrown);
    }

    @Override
    public void failed(Failure failure) {
      sneakyThrow(thrown);
    }

    @Override
    public void errored(Throwable error) {
      sneakyThrow(thrown);
    }
  }

  @Test
  void anAbandonedRecordIsNeitherScoredNorReported() throws Exception {
    device.hold();
    PendingRecord abandoned = TestPairs.record(listener, 55, 56);
    FakeListener last = new FakeListener();
    service.submit(abandoned);
    service.submit(TestPairs.record(last, 1));
    device.awaitTokenized(3);
    abandoned.abandon();

    model.letGo();

    assertThat(last.outcome()).isEqualTo(List.of(1f));
    assertThat(listener.calls()).isZero();
    assertThat(model.batches()).last().isEqualTo(List.of(1));
  }

  @Test
  void aRecordAbandonedInAForwardPassIsNotReported() throws Exception {
    model.hold();
    PendingRecord abandoned = TestPairs.record(listener, 55);
    FakeListener last = new FakeListener();
    service.submit(abandoned);
    model.awaitForwardPass();
    abandoned.abandon();

    model.letGo();
    service.submit(TestPairs.record(last, 1));

    assertThat(last.outcome()).isEqualTo(List.of(1f));
    assertThat(listener.calls()).isZero();
  }

  /** Has a batch of three pairs of one operator and one of another. */
  private void scoreTogether(MetricListener three, MetricListener one) throws Exception {
    FakeListener other = new FakeListener();
    device.hold();
    service.submit(TestPairs.record(lane(three), listener, 1, 2, 3));
    service.submit(TestPairs.record(lane(one), other, 4));
    device.awaitTokenized(4);
    model.letGo();
    assertThat(listener.outcome()).isEqualTo(List.of(1f, 2f, 3f));
    assertThat(other.outcome()).isEqualTo(List.of(4f));
  }

  private static Lane lane(MetricListener metrics) {
    return new Lane(new ScoringMetrics(metrics.getMetricGroup()));
  }

  private static long counter(MetricListener metrics, String name) {
    return metrics.getCounter(ScoringMetrics.GROUP, name).orElseThrow().getCount();
  }

  private static List<Score> slowly(List<EncodedPair> batch) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    return FakeScoringModel.lengths(batch);
  }

  private static List<Score> onlySmall(List<EncodedPair> batch, int maxPairs) {
    if (batch.size() > maxPairs) {
      throw new DeviceOutOfMemoryException(batch.size() + " pairs do not fit", null);
    }
    return FakeScoringModel.lengths(batch);
  }

  private static List<Score> onlyLength(List<EncodedPair> batch, int maxTokens) {
    int tokens = batch.stream().mapToInt(EncodedPair::length).sum();
    if (tokens > maxTokens) {
      throw new DeviceOutOfMemoryException(tokens + " tokens do not fit", null);
    }
    return FakeScoringModel.lengths(batch);
  }
}
