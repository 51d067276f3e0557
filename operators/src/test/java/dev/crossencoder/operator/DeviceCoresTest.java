package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.BatchLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DeviceCoresTest {
  private final AtomicLong clock = new AtomicLong();
  private final DeviceCores cores = new DeviceCores(0, clock::get);

  /** A model that wants a core, or not, and counts how often it was woken. */
  private final class FakeModel {
    private final AtomicInteger wakes = new AtomicInteger();
    private final DeviceCores.Share share = cores.join(() -> this.wants, wakes::incrementAndGet);
    private boolean wants = true;
    private int passes;

    private boolean isNext() {
      return locked(() -> share.isNext(wants));
    }

    private long take(int count) {
      return locked(() -> share.take(count));
    }

    private void giveBack(int count, long taken) {
      locked(
          () -> {
            share.giveBack(count, taken);
            return null;
          });
    }

    private void endIdle() {
      locked(
          () -> {
            share.endIdle();
            return null;
          });
    }
  }

  @Test
  void aModelInTheBackgroundGetsWhatTheOthersLeave() {
    cores.lease("slot", 1);
    AtomicInteger wakes = new AtomicInteger();
    FakeModel model = new FakeModel();
    model.wants = false;
    DeviceCores.Share background = cores.join(() -> true, wakes::incrementAndGet, true);
    assertThat(locked(() -> background.isNext(true))).isTrue();

    // The other one has cost far more.
    model.wants = true;
    long taken = model.take(1);
    clock.addAndGet(1_000_000);
    model.giveBack(1, taken);

    assertThat(locked(() -> background.isNext(true))).isFalse();
    assertThat(model.isNext()).isTrue();
    model.wants = false;
    assertThat(locked(() -> background.isNext(true))).isTrue();
  }

  private <T> T locked(Supplier<T> action) {
    cores.lock.lock();
    try {
      return action.get();
    } finally {
      cores.lock.unlock();
    }
  }

  private int free() {
    return locked(cores::free);
  }

  /** Runs a pass of the model that is next. */
  private void pass(FakeModel one, long nanos, FakeModel other, long otherNanos) {
    FakeModel next = one.isNext() ? one : other;
    assertThat(next.isNext()).isTrue();
    long taken = next.take(1);
    clock.addAndGet(next == one ? nanos : otherNanos);
    next.giveBack(1, taken);
    next.passes++;
  }

  @Test
  void aSlotCountsOnceWithTheMostCoresThatItUses() {
    cores.lease("slot-a", 2);
    cores.lease("slot-a", 3);
    cores.lease("slot-b", 2);
    assertThat(free()).isEqualTo(5);

    cores.release("slot-a", 3);
    assertThat(free()).isEqualTo(4);
    cores.release("slot-b", 2);
    cores.release("slot-a", 2);

    assertThat(free()).isZero();
  }

  @Test
  void turnsAreFairByTheTimeOfPassesAndNotByTheirNumber() {
    cores.lease("slot-a", 1);
    FakeModel large = new FakeModel();
    FakeModel small = new FakeModel();

    for (int i = 0; i < 1_100; i++) {
      pass(large, 10, small, 1);
    }

    assertThat(large.passes).isBetween(99, 101);
    assertThat(small.passes).isBetween(999, 1_001);
  }

  @Test
  void theCoresOfAPassCount() {
    cores.lease("slot-a", 4);
    FakeModel wide = new FakeModel();
    FakeModel narrow = new FakeModel();
    long taken = wide.take(4);
    long alsoTaken = narrow.take(1);
    clock.addAndGet(10);
    wide.giveBack(4, taken);
    clock.addAndGet(20);
    narrow.giveBack(1, alsoTaken);

    assertThat(wide.isNext()).isFalse();
    assertThat(narrow.isNext()).isTrue();
  }

  @Test
  void aPassThatRunsCounts() {
    cores.lease("slot-a", 2);
    FakeModel slow = new FakeModel();
    FakeModel quick = new FakeModel();
    slow.take(1);
    clock.addAndGet(100);
    long taken = quick.take(1);
    clock.addAndGet(50);
    quick.giveBack(1, taken);

    assertThat(slow.isNext()).isFalse();
    assertThat(quick.isNext()).isTrue();
  }

  @Test
  void aModelThatLoadsLaterGetsNoCredit() {
    cores.lease("slot-a", 1);
    FakeModel early = new FakeModel();
    FakeModel late = new FakeModel();
    late.wants = false;
    for (int i = 0; i < 100; i++) {
      pass(early, 10, late, 10);
    }
    late.wants = true;
    late.endIdle();

    for (int i = 0; i < 20; i++) {
      pass(early, 10, late, 10);
    }

    assertThat(early.passes).isBetween(109, 111);
    assertThat(late.passes).isBetween(9, 11);
  }

  @Test
  void whatOneModelDoesNotWantTheOtherHas() {
    cores.lease("slot-a", 2);
    FakeModel busy = new FakeModel();
    FakeModel idle = new FakeModel();
    idle.wants = false;
    clock.addAndGet(1_000);
    busy.take(1);
    clock.addAndGet(1_000);

    assertThat(busy.isNext()).isTrue();
    busy.take(1);
    assertThat(busy.isNext()).isFalse();
    assertThat(idle.wakes).hasValue(0);
  }

  @Test
  void theOneThatIsNextIsWokenByTheOneThatIsNot() {
    cores.lease("slot-a", 1);
    FakeModel costly = new FakeModel();
    FakeModel cheap = new FakeModel();
    cheap.wants = false;
    long taken = costly.take(1);
    clock.addAndGet(10);
    costly.giveBack(1, taken);
    cheap.wants = true;
    assertThat(cheap.wakes).hasValue(0);

    assertThat(costly.isNext()).isFalse();

    assertThat(cheap.wakes).hasValue(1);
  }

  @Test
  void coresThatAreForfeitedAreFreeOnce() {
    cores.lease("slot-a", 2);
    FakeModel hanging = new FakeModel();
    long taken = hanging.take(2);
    locked(
        () -> {
          hanging.share.leave();
          return null;
        });
    assertThat(free()).isZero();

    locked(
        () -> {
          hanging.share.forfeit();
          return null;
        });
    assertThat(free()).isEqualTo(2);
    hanging.giveBack(2, taken);

    assertThat(free()).isEqualTo(2);
  }

  @Test
  void allPairsOfAllModelsAreScoredOnNoMoreThanTheCores() throws Exception {
    DeviceCores device = new DeviceCores(0);
    device.lease("slot-a", 2);
    List<BatchQueue> queues =
        Stream.of(Duration.ZERO, Duration.ofMillis(1), Duration.ZERO)
            .map(linger -> new BatchQueue(new BatchLimits(3, 100), linger, device, c -> c))
            .toList();
    AtomicInteger inUse = new AtomicInteger();
    AtomicInteger mostInUse = new AtomicInteger();
    AtomicInteger scored = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (BatchQueue queue : queues) {
      queue.addCores(2);
      for (BatchQueue.Source source :
          List.<BatchQueue.Source>of(queue::take, queue::takeForOneCore)) {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    for (Batch batch = source.take();
                        !batch.pairs().isEmpty();
                        batch = source.take()) {
                      int now = inUse.addAndGet(batch.passThreads());
                      mostInUse.accumulateAndGet(now, Math::max);
                      LockSupport.parkNanos(1_000);
                      scored.addAndGet(batch.pairs().size());
                      inUse.addAndGet(-batch.passThreads());
                      queue.done(batch);
                    }
                  } catch (InterruptedException e) {
                    throw new IllegalStateException("Nobody interrupts", e);
                  }
                },
                "taker");
        threads.add(thread);
        thread.start();
      }
    }
    Random random = new Random(7);
    List<Lane> lanes = Stream.generate(TestPairs::lane).limit(6).toList();
    int pairs = 0;
    for (int round = 0; round < 300; round++) {
      int size = random.nextInt(12);
      for (int i = 0; i < size; i++) {
        int lane = random.nextInt(lanes.size());
        queues.get(lane % queues.size()).add(TestPairs.ready(lanes.get(lane), 1 + i));
      }
      pairs += size;
      int expected = pairs;
      // In bursts: a wake-up that is lost would be made good by the next pair.
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofNanos(100_000))
          .atMost(Duration.ofSeconds(20))
          .until(() -> scored.get() == expected);
    }
    queues.forEach(BatchQueue::close);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(mostInUse).hasValue(2);
    assertThat(device.free()).isEqualTo(2);
  }

  @Test
  void aModelThatIsClosedInAHangingPassLeavesItsCoreToOthers() throws Exception {
    DeviceCores device = new DeviceCores(1);
    FakeDevice hanging = new FakeDevice(0, 1, device);
    FakeDevice other = new FakeDevice(0, 1, device);
    FakeListener listener = new FakeListener();
    hanging.hold();
    other.service().submit(TestPairs.record(listener, 5));
    other.awaitTokenized(1);
    assertThat(other.model().batches()).isEmpty();

    hanging.service().close(Duration.ofMillis(30));

    assertThat(listener.outcome()).isEqualTo(List.of(5f));
    hanging.close();
    other.close();
  }

  @Test
  void twoModelsOfOneCoreTakeTurns() throws Exception {
    DeviceCores device = new DeviceCores(1);
    FakeDevice one = new FakeDevice(0, 1, device);
    FakeDevice two = new FakeDevice(0, 1, device);
    AtomicInteger passes = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    for (FakeDevice each : List.of(one, two)) {
      each.model()
          .withForward(
              batch -> {
                most.accumulateAndGet(passes.incrementAndGet(), Math::max);
                LockSupport.parkNanos(1_000);
                passes.decrementAndGet();
                return FakeScoringModel.lengths(batch);
              });
    }
    int[] lengths = IntStream.generate(() -> 2).limit(2_000).toArray();
    FakeListener first = new FakeListener();
    FakeListener second = new FakeListener();

    one.service().submit(TestPairs.record(first, lengths));
    two.service().submit(TestPairs.record(second, lengths));

    assertThat((List<?>) first.outcome()).hasSize(2_000);
    assertThat((List<?>) second.outcome()).hasSize(2_000);
    assertThat(most).hasValue(1);
    one.close();
    two.close();
  }
}
