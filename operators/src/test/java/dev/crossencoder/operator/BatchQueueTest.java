package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.BatchLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchQueueTest {
  private static final BatchLimits LIMITS = new BatchLimits(4, 100);
  private static final Duration FOR_EVER = Duration.ofHours(1);

  private final BatchQueue queue = queue(LIMITS, Duration.ZERO, 1);
  private final Lane lane = TestPairs.lane();

  @Test
  void whatWaitsIsTheNextBatchInOrderOfArrival() throws Exception {
    addAll(queue, 3, 1, 2);

    assertThat(lengthsOfNext(queue)).containsExactly(3, 1, 2);
    assertThat(queue.size()).isZero();
  }

  @Test
  void aBatchHasAtMostMaxPairs() throws Exception {
    addAll(queue, 1, 2, 3, 4, 5, 6);

    assertThat(lengthsOfNext(queue)).containsExactly(1, 2, 3, 4);
    assertThat(lengthsOfNext(queue)).containsExactly(5, 6);
  }

  @Test
  void aBatchHasAtMostMaxTokens() throws Exception {
    addAll(queue, 40, 60, 1);

    assertThat(lengthsOfNext(queue)).containsExactly(40, 60);
    assertThat(lengthsOfNext(queue)).containsExactly(1);
  }

  @Test
  void aPairThatDoesNotFitIsNotOvertaken() throws Exception {
    addAll(queue, 40, 61, 1);

    assertThat(lengthsOfNext(queue)).containsExactly(40);
    assertThat(lengthsOfNext(queue)).containsExactly(61, 1);
  }

  @Test
  void aPairOverTheBudgetTravelsAlone() throws Exception {
    addAll(queue, 5, 101, 6);

    assertThat(lengthsOfNext(queue)).containsExactly(5);
    assertThat(lengthsOfNext(queue)).containsExactly(101);
    assertThat(lengthsOfNext(queue)).containsExactly(6);
  }

  @Test
  void abandonedPairsAreDroppedWhereverTheyWait() throws Exception {
    List<PendingPair> pairs = addAll(queue, 1, 2, 3, 4);
    pairs.get(0).record().abandon();
    pairs.get(2).record().abandon();

    assertThat(lengthsOfNext(queue)).containsExactly(2, 4);
    assertThat(queue.size()).isZero();
  }

  @Test
  void abandonedPairsTakeNoRoomInABatch() throws Exception {
    List<PendingPair> pairs = addAll(queue, 1, 90, 2, 90);
    pairs.get(1).record().abandon();

    assertThat(lengthsOfNext(queue)).containsExactly(1, 2, 90);
  }

  @Test
  void anIdleThreadIsGivenThePairThatArrives() throws Exception {
    FutureTask<Batch> taker = startTaking(queue::take, Thread.State.WAITING);

    queue.add(TestPairs.ready(lane, 7));

    assertThat(TestPairs.lengths(result(taker).pairs())).containsExactly(7);
  }

  @Test
  void twoIdleThreadsShareWhatDoesNotFitIntoOneBatch() throws Exception {
    BatchQueue single = queue(new BatchLimits(1, 100), Duration.ZERO, 0);
    FutureTask<Batch> one = startTaking(single::take, Thread.State.WAITING);
    FutureTask<Batch> other = startTaking(single::takeForOneCore, Thread.State.WAITING);

    addAll(single, 1, 2);
    single.addCores(2);

    assertThat(result(one).pairs()).hasSize(1);
    assertThat(result(other).pairs()).hasSize(1);
  }

  @Test
  void closingReleasesThreadsThatWait() throws Exception {
    FutureTask<Batch> one = startTaking(queue::take, Thread.State.WAITING);
    FutureTask<Batch> other = startTaking(queue::takeForOneCore, Thread.State.WAITING);

    queue.close();

    assertThat(result(one)).isEqualTo(Batch.NONE);
    assertThat(result(other)).isEqualTo(Batch.NONE);
  }

  @Test
  void closingReleasesAThreadThatLingers() throws Exception {
    BatchQueue lingering = queue(LIMITS, FOR_EVER, 1);
    lingering.add(TestPairs.ready(lane, 1));
    FutureTask<Batch> taker = startTaking(lingering::take, Thread.State.TIMED_WAITING);

    lingering.close();

    assertThat(result(taker)).isEqualTo(Batch.NONE);
  }

  @Test
  void aClosedQueueKeepsNoPairs() throws Exception {
    addAll(queue, 1, 2);

    queue.close();
    queue.add(TestPairs.ready(lane, 3));

    assertThat(queue.size()).isZero();
    assertThat(queue.take()).isEqualTo(Batch.NONE);
  }

  @Test
  void lingerWaitsForMore() throws Exception {
    Duration linger = Duration.ofMillis(60);
    BatchQueue lingering = queue(LIMITS, linger, 1);
    long start = System.nanoTime();
    lingering.add(TestPairs.ready(1, start));

    Batch batch = lingering.take();

    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(linger.toNanos());
    assertThat(TestPairs.lengths(batch.pairs())).containsExactly(1);
  }

  @Test
  void lingerCountsFromWhenTheOldestPairBeganToWait() throws Exception {
    BatchQueue lingering = queue(LIMITS, FOR_EVER, 1);
    lingering.add(TestPairs.ready(1, System.nanoTime() - FOR_EVER.toNanos()));

    assertThat(lingering.take().pairs()).hasSize(1);
  }

  @Test
  void lingerIsCutShortByMaxPairs() throws Exception {
    BatchQueue lingering = queue(LIMITS, FOR_EVER, 1);
    addAll(lingering, 1, 1, 1);
    FutureTask<Batch> taker = startTaking(lingering::take, Thread.State.TIMED_WAITING);

    lingering.add(TestPairs.ready(lane, 1));

    assertThat(result(taker).pairs()).hasSize(4);
  }

  @Test
  void lingerIsCutShortByMaxTokens() throws Exception {
    BatchQueue lingering = queue(LIMITS, FOR_EVER, 1);
    addAll(lingering, 60);
    FutureTask<Batch> taker = startTaking(lingering::take, Thread.State.TIMED_WAITING);

    lingering.add(TestPairs.ready(lane, 50));

    assertThat(TestPairs.lengths(result(taker).pairs())).containsExactly(60);
  }

  @Test
  void aLonePairHasAllCores() throws Exception {
    BatchQueue four = queue(LIMITS, Duration.ZERO, 4);
    addAll(four, 7);

    assertThat(four.take().passThreads()).isEqualTo(4);
  }

  @Test
  void onlyTheFirstThreadHasSeveralCores() throws Exception {
    BatchQueue four = queue(LIMITS, Duration.ZERO, 4);
    addAll(four, 7);

    assertThat(four.takeForOneCore().passThreads()).isEqualTo(1);
  }

  @Test
  void theFirstThreadGetsALonePairWhoeverWaitsLonger() throws Exception {
    BatchQueue two = queue(LIMITS, Duration.ZERO, 2);
    FutureTask<Batch> other = startTaking(two::takeForOneCore, Thread.State.WAITING);
    FutureTask<Batch> first = startTaking(two::take, Thread.State.WAITING);

    addAll(two, 7);

    assertThat(result(first).passThreads()).isEqualTo(2);
    assertThat(other).isNotDone();
    addAll(two, 8);
    two.addCores(1);
    assertThat(result(other).passThreads()).isEqualTo(1);
  }

  @Test
  void whatWaitsIsSharedAmongTheFreeCores() throws Exception {
    BatchQueue two = queue(LIMITS, Duration.ZERO, 2);
    addAll(two, 10, 20, 10, 20);

    Batch one = two.take();
    Batch other = two.take();

    assertThat(TestPairs.lengths(one.pairs())).containsExactly(10, 20);
    assertThat(one.passThreads()).isEqualTo(1);
    assertThat(TestPairs.lengths(other.pairs())).containsExactly(10, 20);
    assertThat(other.passThreads()).isEqualTo(1);
  }

  @Test
  void aFreeCoreLeavesTheBusyOnesTheirShareOfManyPairs() throws Exception {
    BatchQueue two = busy(new BatchLimits(100, 1_000), Duration.ZERO);
    addAll(two, 101, 102, 103, 104, 105, 106);

    assertThat(TestPairs.lengths(two.takeForOneCore().pairs())).containsExactly(101, 102, 103, 104);
  }

  @Test
  void aFreeCoreTakesAtLeastAQuarterOfAFullBatch() throws Exception {
    BatchQueue two = busy(new BatchLimits(100, 1_000), Duration.ZERO);
    addAll(two, 50, 51, 52, 53, 54);

    assertThat(TestPairs.lengths(two.takeForOneCore().pairs())).containsExactly(50, 51, 52, 53, 54);
  }

  @Test
  void withALingerTimeAFreeCoreTakesWhatWaits() throws Exception {
    BatchQueue two = busy(new BatchLimits(6, 1_000), Duration.ofMillis(1));
    addAll(two, 101, 102, 103, 104, 105, 106);

    assertThat(two.takeForOneCore().pairs()).hasSize(6);
  }

  @Test
  void coresThatAnotherModelWantsAreNotCountedOn() throws Exception {
    DeviceCores one = new DeviceCores(1);
    BatchLimits limits = new BatchLimits(100, 1_000);
    BatchQueue two = queue(limits, Duration.ZERO, one, 2);
    BatchQueue rival = queue(limits, Duration.ZERO, one, 1);
    BatchQueue busy = queue(limits, Duration.ZERO, one, 1);
    addAll(busy, 1);
    Batch running = busy.takeForOneCore();
    FutureTask<Batch> taker = startTaking(two::takeForOneCore, Thread.State.WAITING);
    FutureTask<Batch> unused = startTaking(rival::takeForOneCore, Thread.State.WAITING);
    addAll(rival, 1);
    addAll(two, 101, 102, 103, 104, 105, 106);

    busy.done(running);

    assertThat(result(taker).pairs()).hasSize(6);
  }

  /** Returns a queue of two cores, one of which is busy. */
  private BatchQueue busy(BatchLimits limits, Duration linger) throws InterruptedException {
    BatchQueue two = queue(limits, linger, 2);
    addAll(two, 1);
    two.takeForOneCore();
    return two;
  }

  @Test
  void coresThatPairsLeaveOverAreSharedToo() throws Exception {
    BatchQueue five = queue(LIMITS, Duration.ZERO, 5);
    addAll(five, 10, 10);

    assertThat(five.take().passThreads()).isEqualTo(2);
    assertThat(five.take().passThreads()).isEqualTo(3);
  }

  @Test
  void aBatchBesideAnotherHasTheCoresThatAreLeft() throws Exception {
    BatchQueue three = queue(new BatchLimits(1, 100), Duration.ZERO, 3);
    addAll(three, 1, 2, 3);
    Batch one = three.take();
    three.take();
    three.take();
    three.done(one);
    addAll(three, 4);

    assertThat(three.take().passThreads()).isEqualTo(1);
  }

  @Test
  void aPairWaitsForACore() throws Exception {
    addAll(queue, 1);
    Batch running = queue.take();
    FutureTask<Batch> taker = startTaking(queue::take, Thread.State.WAITING);
    addAll(queue, 2);

    queue.done(running);

    assertThat(TestPairs.lengths(result(taker).pairs())).containsExactly(2);
  }

  @Test
  void coresThatAreAddedAreUsed() throws Exception {
    addAll(queue, 1);
    queue.take();
    FutureTask<Batch> taker = startTaking(queue::take, Thread.State.WAITING);
    addAll(queue, 2);

    queue.addCores(1);

    assertThat(TestPairs.lengths(result(taker).pairs())).containsExactly(2);
  }

  @Test
  void operatorsTakeTurnsAndKeepTheirOwnOrder() throws Exception {
    Lane other = TestPairs.lane();
    addAll(queue, 10, 11, 12, 13, 14, 15);
    addAll(queue, other, 20, 21);

    assertThat(lengthsOfNext(queue)).containsExactly(10, 20, 11, 21);
    assertThat(lengthsOfNext(queue)).containsExactly(12, 13, 14, 15);
  }

  @Test
  void turnsAreByTokensWhateverTheNumberOfPairs() throws Exception {
    Lane longPairs = TestPairs.lane();
    BatchQueue large = queue(new BatchLimits(100, 1_000), Duration.ZERO, 1);
    addAll(large, longPairs, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90);
    int[] shortPairs = new int[60];
    Arrays.fill(shortPairs, 10);
    addAll(large, shortPairs);

    List<Integer> next = lengthsOfNext(large);

    assertThat(next.stream().filter(length -> length == 90).count()).isBetween(5L, 6L);
    assertThat(next.stream().filter(length -> length == 10).count()).isBetween(45L, 54L);
  }

  @Test
  void anOperatorThatWasIdleGetsNoMoreThanItsTurns() throws Exception {
    Lane late = TestPairs.lane();
    for (int i = 0; i < 50; i++) {
      addAll(queue, 25, 25, 25, 25);
      lengthsOfNext(queue);
    }
    addAll(queue, 25, 25, 25, 25);

    addAll(queue, late, 24, 24, 24, 24);

    assertThat(lengthsOfNext(queue)).contains(24, 25);
  }

  @Test
  void anOperatorThatLeavesTakesItsPairsAlong() throws Exception {
    Lane other = TestPairs.lane();
    addAll(queue, 10, 11);
    addAll(queue, other, 20);

    queue.remove(lane);

    assertThat(queue.size()).isOne();
    assertThat(lengthsOfNext(queue)).containsExactly(20);
  }

  @Test
  void aPairThatIsTokenizedWhenItsOperatorHasLeftIsNotKept() throws Exception {
    PendingPair late = TestPairs.ready(lane, 10);
    late.record().abandon();
    queue.remove(lane);

    queue.add(late);

    assertThat(queue.size()).isZero();
    assertThat(lane.waiting).isEmpty();
  }

  @Test
  void theLingerIsThatOfTheOldestPairWhoseverItIs() throws Exception {
    BatchQueue lingering = queue(LIMITS, FOR_EVER, 1);
    lingering.add(TestPairs.ready(lane, 1));
    lingering.add(TestPairs.ready(2, System.nanoTime() - FOR_EVER.toNanos()));

    assertThat(lingering.take().pairs()).hasSize(2);
  }

  @Test
  void itSaysWhenThereIsRoomAlsoForPairsThatAreDropped() throws Exception {
    AtomicInteger room = new AtomicInteger();
    queue.onRoom(room::incrementAndGet);
    List<PendingPair> pairs = addAll(queue, 1, 2, 3);
    pairs.get(0).record().abandon();
    pairs.get(1).record().abandon();

    lengthsOfNext(queue);

    assertThat(room).hasValue(3);
    assertThat(lane.waitsForLessThan(1, 1)).isTrue();
  }

  @Test
  void aLonePairHasAsManyCoresAsTheEngineCanUse() throws Exception {
    BatchQueue four =
        new BatchQueue(LIMITS, Duration.ZERO, new DeviceCores(4), cores -> Math.min(cores, 2));
    four.addCores(4);
    addAll(four, 7);
    Batch lone = four.take();
    addAll(four, 8);

    Batch beside = four.take();

    assertThat(lone.passThreads()).isEqualTo(2);
    assertThat(beside.passThreads()).isEqualTo(2);
  }

  @Test
  void anErrorReachesAllThatWaits() throws Exception {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    FakeListener listener = new FakeListener();
    FakeListener other = new FakeListener();
    queue.add(TestPairs.ready(listener, 1));
    queue.add(TestPairs.ready(other, 2));

    queue.failAll(error);

    assertThat(listener.outcome()).isSameAs(error);
    assertThat(other.outcome()).isSameAs(error);
    assertThat(queue.size()).isZero();
    addAll(queue, 3);
    assertThat(lengthsOfNext(queue)).containsExactly(3);
  }

  private static BatchQueue queue(BatchLimits limits, Duration linger, int cores) {
    return queue(limits, linger, new DeviceCores(64), cores);
  }

  private static BatchQueue queue(
      BatchLimits limits, Duration linger, DeviceCores device, int cores) {
    BatchQueue queue = new BatchQueue(limits, linger, device, threads -> threads);
    queue.addCores(cores);
    return queue;
  }

  /** Takes a batch and gives its cores back. */
  private static List<Integer> lengthsOfNext(BatchQueue queue) throws InterruptedException {
    Batch batch = queue.take();
    queue.done(batch);
    return TestPairs.lengths(batch.pairs());
  }

  /** Adds pairs of one operator. */
  private List<PendingPair> addAll(BatchQueue queue, int... lengths) {
    return addAll(queue, lane, lengths);
  }

  private static List<PendingPair> addAll(BatchQueue queue, Lane lane, int... lengths) {
    List<PendingPair> pairs =
        Arrays.stream(lengths).mapToObj(length -> TestPairs.ready(lane, length)).toList();
    pairs.forEach(queue::add);
    return pairs;
  }

  /** Starts a thread that takes a batch, and returns when it waits for one. */
  private static FutureTask<Batch> startTaking(BatchQueue.Source source, Thread.State state) {
    FutureTask<Batch> taker = new FutureTask<>(source::take);
    Thread thread = new Thread(taker, "taker");
    thread.setDaemon(true);
    thread.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> thread.getState() == state);
    return taker;
  }

  private static Batch result(FutureTask<Batch> taker)
      throws InterruptedException, ExecutionException, TimeoutException {
    return taker.get(20, TimeUnit.SECONDS);
  }
}
