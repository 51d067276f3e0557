package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pairs with the same texts in a service with a cache. */
@Timeout(60)
class ScoreCacheTest {
  private static final long ONE_MEGABYTE = 1 << 20;

  private final MetricListener metrics = new MetricListener();
  private final Lane lane = new Lane(new ScoringMetrics(metrics.getMetricGroup()));
  private final FakeDevice device = new FakeDevice(ONE_MEGABYTE);
  private final FakeScoringModel model = device.model();
  private final ScoringService service = device.service();
  private final FakeListener first = new FakeListener();
  private final FakeListener second = new FakeListener();

  @AfterEach
  void endThreads() {
    device.close();
  }

  private long counter(String name) {
    return metrics.getCounter("crossEncoder", name).map(Counter::getCount).orElseThrow();
  }

  /** The lengths of all pairs that were in a forward pass, sorted. */
  private List<Integer> scored() {
    return model.batches().stream().flatMap(List::stream).sorted().toList();
  }

  @Test
  void aPairThatWasScoredIsNotScoredAgain() throws Exception {
    service.submit(TestPairs.record(lane, first, 3, 5));
    assertThat(first.outcome()).isEqualTo(List.of(3f, 5f));

    service.submit(TestPairs.record(lane, second, 5, 7));

    assertThat(second.outcome()).isEqualTo(List.of(5f, 7f));
    assertThat(scored()).containsExactly(3, 5, 7);
    assertThat(counter("cacheHits")).isOne();
    assertThat(counter("cacheMisses")).isEqualTo(3);
    assertThat(service.cachedScores()).isEqualTo(3);
  }

  @Test
  void aPairInFlightIsScoredOnceForAllThatWait() throws Exception {
    model.hold();
    service.submit(TestPairs.record(lane, first, 5));
    model.awaitForwardPass();

    service.submit(TestPairs.record(lane, second, 5, 5, 6));
    await().until(() -> counter("cacheHits") == 2);
    model.letGo();

    assertThat(first.outcome()).isEqualTo(List.of(5f));
    assertThat(second.outcome()).isEqualTo(List.of(5f, 5f, 6f));
    assertThat(scored()).containsExactly(5, 6);
  }

  @Test
  void aPairThatWaitsTakesThePlaceOfOneWhoseRecordIsAbandoned() throws Exception {
    model.hold();
    service.submit(TestPairs.record(lane, new FakeListener(), 1));
    model.awaitForwardPass();
    PendingRecord abandoned = TestPairs.record(lane, first, 5);
    service.submit(abandoned);
    service.submit(TestPairs.record(lane, second, 5));
    await().until(() -> counter("cacheHits") == 1);

    abandoned.abandon();
    model.letGo();

    assertThat(second.outcome()).isEqualTo(List.of(5f));
    assertThat(first.calls()).isZero();
  }

  @Test
  void aPairThatWaitsTakesThePlaceOfOneThatAnotherOperatorHasGivenUp() throws Exception {
    Lane other = TestPairs.lane();
    model.hold();
    service.submit(TestPairs.record(lane, new FakeListener(), 1));
    model.awaitForwardPass();
    PendingRecord abandoned = TestPairs.record(other, first, 5);
    service.submit(abandoned);
    await().until(() -> service.describe().contains("1 for a batch"));
    service.submit(TestPairs.record(lane, second, 5));
    await().until(() -> counter("cacheHits") == 1);

    abandoned.abandon();
    service.leave(other);
    model.letGo();

    assertThat(second.outcome()).isEqualTo(List.of(5f));
  }

  @Test
  void aFailureIsNotCachedAndThoseThatWaitFailOnTheirOwn() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    model.withTokenizer(
        pair -> {
          if (refusals.getAndIncrement() < 2) {
            throw new PairTooLongException("It is too long.");
          }
          return FakeScoringModel.tokens(pair);
        });
    service.submit(TestPairs.record(lane, first, 5));
    assertThat(first.outcome()).isInstanceOf(Failure.class);

    service.submit(TestPairs.record(lane, second, 5));
    assertThat(second.outcome()).isInstanceOf(Failure.class);

    FakeListener third = new FakeListener();
    service.submit(TestPairs.record(lane, third, 5));
    assertThat(third.outcome()).isEqualTo(List.of(5f));
  }

  @Test
  void pairsThatWaitForOneThatFailsAreScoredOnTheirOwn() throws Exception {
    AtomicBoolean healthy = new AtomicBoolean();
    model
        .withForward(
            batch ->
                healthy.getAndSet(true)
                    ? FakeScoringModel.lengths(batch)
                    : Collections.nCopies(batch.size(), FakeScoringModel.scoreOf(Float.NaN)))
        .hold();
    service.submit(TestPairs.record(lane, first, 5));
    model.awaitForwardPass();
    service.submit(TestPairs.record(lane, second, 5));
    await().until(() -> counter("cacheHits") == 1);

    model.letGo();

    assertThat(first.outcome())
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.code()).isEqualTo(Failure.NON_FINITE_SCORE));
    assertThat(second.outcome()).isEqualTo(List.of(5f));
  }

  @Test
  void theBoundaryOfTheTextsIsPartOfTheKey() throws Exception {
    List<TextPair> pairs =
        List.of(
            new TextPair("ab", "c"),
            new TextPair("a", "bc"),
            new TextPair("abc", ""),
            new TextPair("c", "ab"));

    service.submit(new PendingRecord(lane, pairs, first));

    assertThat(first.outcome()).isEqualTo(List.of(2f, 1f, 3f, 1f));
    assertThat(counter("cacheHits")).isZero();
  }

  @Test
  void aLoneSurrogateIsReadAsByTheTokenizer() throws Exception {
    List<TextPair> pairs =
        List.of(
            new TextPair("is it?", ""),
            new TextPair("is it\ud800", ""),
            new TextPair("is it\udc00", ""),
            new TextPair("is it\ufffd", ""));

    service.submit(new PendingRecord(lane, pairs, first));
    first.outcome();

    assertThat(counter("cacheMisses")).as("question mark and U+FFFD").isEqualTo(2);
    assertThat(counter("cacheHits")).isEqualTo(2);
  }

  @Test
  void anErrorOfOneThatWaitsKeepsNobodyFromItsScore() throws Exception {
    OutcomeListener failing =
        new OutcomeListener() {
          @Override
          public void completed(List<PairOutcome> outcomes) {
            throw new OutOfMemoryError("simulated");
          }

          @Override
          public void failed(Failure failure) {}

          @Override
          public void errored(Throwable error) {}
        };
    model.hold();
    service.submit(TestPairs.record(lane, first, 5));
    model.awaitForwardPass();
    service.submit(TestPairs.record(lane, failing, 5));
    service.submit(TestPairs.record(lane, second, 5));
    await().until(() -> counter("cacheHits") == 2);

    model.letGo();

    assertThat(first.outcome()).isEqualTo(List.of(5f));
    assertThat(second.outcome()).isEqualTo(List.of(5f));
  }

  @Test
  void documentsThatFailAreOutcomesOfThoseThatWait() throws Exception {
    model.withTokenizer(
        pair -> {
          if (pair.text().length() == 5) {
            throw new PairTooLongException("It is too long.");
          }
          return FakeScoringModel.tokens(pair);
        });
    CompletableFuture<List<PairOutcome>> heard = new CompletableFuture<>();

    service.submit(TestPairs.record(lane, new KeepingListener(heard), 5, 3, 5, 3));

    List<PairOutcome> outcomes = heard.get(20, TimeUnit.SECONDS);
    assertThat(outcomes).extracting(PairOutcome::failed).containsExactly(true, false, true, false);
    assertThat(outcomes.get(3).score().score()).isEqualTo(3f);
  }

  @Test
  void whoWaitsForAnOperatorThatIsClosedHearsOfTheRest() throws Exception {
    Lane closing = TestPairs.lane();
    model.hold();
    service.submit(TestPairs.record(lane, new FakeListener(), 1));
    model.awaitForwardPass();
    List<PendingRecord> records = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      records.add(TestPairs.record(closing, new FakeListener(), 5));
    }
    records.forEach(service::submit);
    service.submit(TestPairs.record(lane, second, 5));
    await().until(() -> counter("cacheHits") == 1);

    records.forEach(PendingRecord::abandon);
    service.leave(closing);
    model.letGo();

    assertThat(second.outcome()).isEqualTo(List.of(5f));
  }

  @Test
  void theCacheHasAtMostTheScoresThatFit() throws Exception {
    FakeDevice small = new FakeDevice(10_000);
    try {
      int[] lengths = new int[400];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = i + 1;
      }
      small.service().submit(TestPairs.record(lane, first, lengths));
      first.outcome();

      assertThat(small.service().cachedScores()).isBetween(10L, 60L);
    } finally {
      small.close();
    }
  }

  @Test
  void aCacheMayTakeHalfOfTheHeap() {
    PairScorer.checkCache(500 << 20, 1_000 << 20);

    assertThatThrownBy(() -> PairScorer.checkCache(501 << 20, 1_000 << 20))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid cross-encoder.cache.max-size: 501 mb. It may be at most half of the heap, which is 1000.000mb (1048576000 bytes). Lower it, or raise taskmanager.memory.task.heap.size.");
  }

  @Test
  void withoutACacheEachPairIsScored() throws Exception {
    FakeDevice without = new FakeDevice();
    try {
      without.service().submit(TestPairs.record(lane, first, 5, 5));
      assertThat(first.outcome()).isEqualTo(List.of(5f, 5f));

      assertThat(without.model().batches().stream().mapToInt(List::size).sum()).isEqualTo(2);
      assertThat(without.service().cachedScores()).isZero();
      assertThat(counter("cacheMisses")).isZero();
    } finally {
      without.close();
    }
  }

  /** Records of several operators that share texts, some given up at any time. */
  @Test
  void eachRecordThatIsNotGivenUpHasItsScoresOnce() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    model.withForward(
        batch -> {
          // Some passes take longer than others.
          LockSupport.parkNanos(batch.size() * 20_000L);
          return FakeScoringModel.lengths(batch);
        });
    List<Lane> lanes = List.of(lane, TestPairs.lane(), TestPairs.lane());
    ConcurrentLinkedQueue<PendingRecord> toAbandon = new ConcurrentLinkedQueue<>();
    AtomicBoolean ended = new AtomicBoolean();
    Thread abandoning =
        new Thread(
            () -> {
              while (!ended.get() || !toAbandon.isEmpty()) {
                PendingRecord record = toAbandon.poll();
                if (record != null) {
                  record.abandon();
                }
              }
            });
    abandoning.start();
    List<FakeListener> kept = new ArrayList<>();
    List<List<Float>> expected = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      int[] lengths = random.ints(1 + random.nextInt(6), 1, 40).toArray();
      FakeListener listener = new FakeListener();
      PendingRecord record =
          TestPairs.record(lanes.get(random.nextInt(lanes.size())), listener, lengths);
      service.submit(record);
      if (random.nextInt(3) == 0) {
        toAbandon.add(record);
      } else {
        kept.add(listener);
        List<Float> scores = new ArrayList<>();
        for (int length : lengths) {
          scores.add((float) length);
        }
        expected.add(scores);
      }
    }
    ended.set(true);
    abandoning.join();

    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i).outcome()).as("seed %d", seed).isEqualTo(expected.get(i));
      assertThat(kept.get(i).calls()).isOne();
    }
    assertThat(scored().size()).as("pairs that were scored").isLessThan(300);
  }
}
