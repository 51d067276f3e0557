package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.bundle.BatchLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchQueueTest {
  private static final BatchLimits LIMITS = new BatchLimits(4, 100);
  private static final Duration FOR_EVER = Duration.ofHours(1);

  private final BatchQueue queue = new BatchQueue(LIMITS, Duration.ZERO);

  @Test
  void whatWaitsIsTheNextBatchInOrderOfArrival() throws Exception {
    addAll(queue, 3, 1, 2);

    assertThat(TestPairs.lengths(queue.take())).containsExactly(3, 1, 2);
    assertThat(queue.size()).isZero();
  }

  @Test
  void aBatchHasAtMostMaxPairs() throws Exception {
    addAll(queue, 1, 2, 3, 4, 5, 6);

    assertThat(TestPairs.lengths(queue.take())).containsExactly(1, 2, 3, 4);
    assertThat(TestPairs.lengths(queue.take())).containsExactly(5, 6);
  }

  @Test
  void aBatchHasAtMostMaxTokens() throws Exception {
    addAll(queue, 40, 60, 1);

    assertThat(TestPairs.lengths(queue.take())).containsExactly(40, 60);
    assertThat(TestPairs.lengths(queue.take())).containsExactly(1);
  }

  @Test
  void aPairThatDoesNotFitIsNotOvertaken() throws Exception {
    addAll(queue, 40, 61, 1);

    assertThat(TestPairs.lengths(queue.take())).containsExactly(40);
    assertThat(TestPairs.lengths(queue.take())).containsExactly(61, 1);
  }

  @Test
  void aPairOverTheBudgetTravelsAlone() throws Exception {
    addAll(queue, 5, 101, 6);

    assertThat(TestPairs.lengths(queue.take())).containsExactly(5);
    assertThat(TestPairs.lengths(queue.take())).containsExactly(101);
    assertThat(TestPairs.lengths(queue.take())).containsExactly(6);
  }

  @Test
  void abandonedPairsAreDroppedWhereverTheyWait() throws Exception {
    List<PendingPair> pairs = addAll(queue, 1, 2, 3, 4);
    pairs.get(0).record().abandon();
    pairs.get(2).record().abandon();

    assertThat(TestPairs.lengths(queue.take())).containsExactly(2, 4);
    assertThat(queue.size()).isZero();
  }

  @Test
  void abandonedPairsTakeNoRoomInABatch() throws Exception {
    List<PendingPair> pairs = addAll(queue, 1, 90, 2, 90);
    pairs.get(1).record().abandon();

    assertThat(TestPairs.lengths(queue.take())).containsExactly(1, 2, 90);
  }

  @Test
  void anIdleThreadIsGivenThePairThatArrives() throws Exception {
    FutureTask<List<PendingPair>> taker = startTaking(queue, Thread.State.WAITING);

    queue.add(TestPairs.ready(7));

    assertThat(TestPairs.lengths(result(taker))).containsExactly(7);
  }

  @Test
  void twoIdleThreadsShareWhatDoesNotFitIntoOneBatch() throws Exception {
    BatchQueue single = new BatchQueue(new BatchLimits(1, 100), Duration.ZERO);
    FutureTask<List<PendingPair>> one = startTaking(single, Thread.State.WAITING);
    FutureTask<List<PendingPair>> other = startTaking(single, Thread.State.WAITING);

    addAll(single, 1, 2);

    assertThat(result(one)).hasSize(1);
    assertThat(result(other)).hasSize(1);
  }

  @Test
  void closingReleasesThreadsThatWait() throws Exception {
    FutureTask<List<PendingPair>> one = startTaking(queue, Thread.State.WAITING);
    FutureTask<List<PendingPair>> other = startTaking(queue, Thread.State.WAITING);

    queue.close();

    assertThat(result(one)).isEmpty();
    assertThat(result(other)).isEmpty();
  }

  @Test
  void closingReleasesAThreadThatLingers() throws Exception {
    BatchQueue lingering = new BatchQueue(LIMITS, FOR_EVER);
    lingering.add(TestPairs.ready(1));
    FutureTask<List<PendingPair>> taker = startTaking(lingering, Thread.State.TIMED_WAITING);

    lingering.close();

    assertThat(result(taker)).isEmpty();
  }

  @Test
  void aClosedQueueKeepsNoPairs() throws Exception {
    addAll(queue, 1, 2);

    queue.close();
    queue.add(TestPairs.ready(3));

    assertThat(queue.size()).isZero();
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void lingerWaitsForMore() throws Exception {
    Duration linger = Duration.ofMillis(60);
    BatchQueue lingering = new BatchQueue(LIMITS, linger);
    long start = System.nanoTime();
    lingering.add(TestPairs.ready(1, start));

    List<PendingPair> batch = lingering.take();

    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(linger.toNanos());
    assertThat(TestPairs.lengths(batch)).containsExactly(1);
  }

  @Test
  void lingerCountsFromWhenTheOldestPairBeganToWait() throws Exception {
    BatchQueue lingering = new BatchQueue(LIMITS, FOR_EVER);
    lingering.add(TestPairs.ready(1, System.nanoTime() - FOR_EVER.toNanos()));

    assertThat(lingering.take()).hasSize(1);
  }

  @Test
  void lingerIsCutShortByMaxPairs() throws Exception {
    BatchQueue lingering = new BatchQueue(LIMITS, FOR_EVER);
    addAll(lingering, 1, 1, 1);
    FutureTask<List<PendingPair>> taker = startTaking(lingering, Thread.State.TIMED_WAITING);

    lingering.add(TestPairs.ready(1));

    assertThat(result(taker)).hasSize(4);
  }

  @Test
  void lingerIsCutShortByMaxTokens() throws Exception {
    BatchQueue lingering = new BatchQueue(LIMITS, FOR_EVER);
    addAll(lingering, 60);
    FutureTask<List<PendingPair>> taker = startTaking(lingering, Thread.State.TIMED_WAITING);

    lingering.add(TestPairs.ready(50));

    assertThat(TestPairs.lengths(result(taker))).containsExactly(60);
  }

  private static List<PendingPair> addAll(BatchQueue queue, int... lengths) {
    List<PendingPair> pairs = Arrays.stream(lengths).mapToObj(TestPairs::ready).toList();
    pairs.forEach(queue::add);
    return pairs;
  }

  /** Starts a thread that takes a batch, and returns when it waits for one. */
  private static FutureTask<List<PendingPair>> startTaking(BatchQueue queue, Thread.State state) {
    FutureTask<List<PendingPair>> taker = new FutureTask<>(queue::take);
    Thread thread = new Thread(taker, "taker");
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != state) {
      Thread.onSpinWait();
    }
    return taker;
  }

  private static List<PendingPair> result(FutureTask<List<PendingPair>> taker)
      throws InterruptedException, ExecutionException, TimeoutException {
    return taker.get(20, TimeUnit.SECONDS);
  }
}
