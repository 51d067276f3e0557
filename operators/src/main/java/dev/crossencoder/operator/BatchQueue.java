package dev.crossencoder.operator;

import dev.crossencoder.model.BatchFill;
import dev.crossencoder.model.BatchLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;

/**
 * Tokenized pairs that wait for a forward pass. When a scoring thread takes a batch, the waiting
 * pairs are divided among the free cores, within the batch limits; many of them are divided among
 * all cores, so that a core that becomes free next gets its share. An idle thread starts with the
 * first pair, or waits for the linger time. Lanes are served by the number of tokens they have had
 * in batches; a batch may contain pairs of several operators. Pairs of one operator are taken in
 * order of arrival. The queue is unbounded; {@link TextQueue} bounds what can wait. A queue has
 * cores of its own and takes no more than {@link DeviceCores} has for all models of the device.
 * Thread-safe.
 *
 * <p>Several forward passes on one core each are faster than one pass on several cores, because the
 * threads of one pass synchronize after every operation. Therefore each core gets its own batch. A
 * pass gets several cores only if fewer pairs wait than cores are free; a single pair on an idle
 * machine gets all cores. Only one scoring thread runs such passes: OpenMP keeps a team of worker
 * threads for each thread that has used one, and if all teams together have more threads than there
 * are cores, workers sleep after every operation.
 */
final class BatchQueue {
  private final BatchLimits limits;
  private final long lingerNanos;
  private final IntUnaryOperator usableThreads;
  private final DeviceCores device;
  private final DeviceCores.Share share;

  /** The lock of the device. */
  private final ReentrantLock lock;

  private final Condition forFirst;
  private final Condition forOthers;
  private final List<Lane> lanes = new ArrayList<>();
  private Runnable onRoom = () -> {};
  private int waitingPairs;
  private long waitingTokens;

  /**
   * The number of tokens of the lane from which a pair was last taken. A lane that was idle starts
   * with this value, so that it gets no credit for the idle time.
   */
  private long floor;

  /** The number of cores that the queue may use, busy ones included. */
  private int cores;

  private int freeCores;

  /** The number of threads that wait, among them those that were signalled and do not run yet. */
  private int idle;

  private boolean firstIsIdle;
  private boolean closed;

  /** {@link BatchQueue#take} or {@link BatchQueue#takeForOneCore}. */
  interface Source {
    Batch take() throws InterruptedException;
  }

  /**
   * Creates a queue.
   *
   * @param device has the cores that the queue shares with the other models of its device
   * @param usableThreads returns the number of cores that a forward pass uses, at least one, for a
   *     number of available cores
   */
  BatchQueue(
      BatchLimits limits, Duration linger, DeviceCores device, IntUnaryOperator usableThreads) {
    this(limits, linger, device, usableThreads, false);
  }

  /**
   * Creates a queue.
   *
   * @param background whether the queue gets a core only if no other one wants it
   */
  BatchQueue(
      BatchLimits limits,
      Duration linger,
      DeviceCores device,
      IntUnaryOperator usableThreads,
      boolean background) {
    this.limits = limits;
    this.lingerNanos = linger.toNanos();
    this.usableThreads = usableThreads;
    this.device = device;
    this.lock = device.lock;
    this.forFirst = lock.newCondition();
    this.forOthers = lock.newCondition();
    this.share = device.join(this::wantsCore, this::wakeIdle, background);
  }

  BatchLimits limits() {
    return limits;
  }

  /**
   * Sets the callback for a decrease of waiting pairs. It runs under the lock of the device and
   * must not call a queue.
   */
  void onRoom(Runnable newOnRoom) {
    lock.lock();
    try {
      onRoom = newOnRoom;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds cores that the queue may use at the same time, if the device has them. Each core needs a
   * scoring thread.
   */
  void addCores(int added) {
    lock.lock();
    try {
      cores += added;
      freeCores += added;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a tokenized pair. The pair is dropped if the queue is closed, or if its record is done:
   * then its operator may be gone, and its lane would never be removed.
   */
  void add(PendingPair pair) {
    lock.lock();
    try {
      if (closed || pair.isDone()) {
        return;
      }
      Lane lane = pair.lane();
      if (!lanes.contains(lane)) {
        lanes.add(lane);
      }
      if (lane.waiting.isEmpty()) {
        lane.batchedTokens = Math.max(lane.batchedTokens, floor);
      }
      if (waitingPairs == 0) {
        share.endIdle();
      }
      lane.waiting.add(pair);
      count(lane, 1, pair.encoded().length());
      // A thread that is to linger must start its time, although no core is free.
      if (device.free() > 0 || lingerNanos > 0) {
        wakeIdle();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for pairs and a free core and returns the next batch; {@link Batch#NONE} once the queue
   * is closed. Only one thread may call this method. It is woken first if several threads are idle.
   */
  Batch take() throws InterruptedException {
    return next(true);
  }

  /** Like {@link #take}, for all other threads. The batch gets one core. */
  Batch takeForOneCore() throws InterruptedException {
    return next(false);
  }

  private Batch next(boolean first) throws InterruptedException {
    Condition changed = first ? forFirst : forOthers;
    lock.lockInterruptibly();
    try {
      while (true) {
        firstIsIdle &= !first;
        if (closed) {
          return Batch.NONE;
        }
        dropAbandoned();
        if (share.isNext(hasWorkForACore())) {
          Batch batch = nextBatch(first);
          if (!batch.pairs().isEmpty()) {
            return batch;
          }
          continue;
        }
        firstIsIdle |= first;
        idle++;
        try {
          if (lingerNanos > 0 && waitingPairs > 0) {
            long remaining = lingerNanos - waitedNanos();
            // Looks again after the time if a core is missing: the oldest pair may be another one.
            long unused = changed.awaitNanos(remaining > 0 ? remaining : lingerNanos);
          } else {
            changed.await();
          }
        } finally {
          idle--;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a batch waits for nothing but a core of the device. */
  private boolean hasWorkForACore() {
    return waitingPairs > 0
        && freeCores > 0
        && (lingerNanos == 0 || isFull() || waitedNanos() >= lingerNanos);
  }

  /** Whether an idle thread waits for nothing but a core of the device. */
  private boolean wantsCore() {
    return idle > 0 && hasWorkForACore();
  }

  /** Returns the cores of a batch after its forward pass. */
  void done(Batch batch) {
    lock.lock();
    try {
      freeCores += batch.passThreads();
      share.giveBack(batch.passThreads(), batch.takenNanos());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the cores of passes that may never end back to the device, for other models. The queue
   * must be closed.
   */
  void forfeitCores() {
    lock.lock();
    try {
      share.forfeit();
    } finally {
      lock.unlock();
    }
  }

  /** The number of waiting pairs. */
  int size() {
    lock.lock();
    try {
      return waitingPairs;
    } finally {
      lock.unlock();
    }
  }

  /** Completes the records of all waiting pairs with an error. */
  void failAll(Throwable error) {
    for (PendingPair pair = poll(); pair != null; pair = poll()) {
      pair.record().error(error);
    }
  }

  private PendingPair poll() {
    lock.lock();
    try {
      for (int i = 0; i < lanes.size(); i++) {
        Lane lane = lanes.get(i);
        if (!lane.waiting.isEmpty()) {
          return removeFirst(lane);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Removes a lane with its pairs. */
  void remove(Lane lane) {
    lock.lock();
    try {
      while (!lane.waiting.isEmpty()) {
        removeFirst(lane);
      }
      lanes.remove(lane);
    } finally {
      lock.unlock();
    }
  }

  /** Drops all pairs, wakes all waiting threads, and leaves the cores to other models. */
  void close() {
    lock.lock();
    try {
      closed = true;
      while (!lanes.isEmpty()) {
        remove(lanes.get(0));
      }
      wakeAll();
      share.leave();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the share of one free core. Empty if all waiting pairs were abandoned in the meantime.
   */
  private Batch nextBatch(boolean first) {
    int available = Math.min(freeCores, device.free());
    int shares = Math.min(available, waitingPairs);
    boolean hasRivals = share.hasRivals();
    List<PendingPair> batch = new ArrayList<>();
    try {
      fill(batch, tokensOfShare(shares, hasRivals));
      if (batch.isEmpty()) {
        return Batch.NONE;
      }
      int passThreads = 1;
      if (first && !hasRivals) {
        passThreads =
            usableThreads.applyAsInt(
                waitingPairs == 0 ? available : Math.max(1, available / shares));
      }
      List<PendingPair> pairs = List.copyOf(batch);
      // Nothing below allocates memory: cores that are taken would be lost.
      Batch next = new Batch(pairs, passThreads, share.take(passThreads));
      freeCores -= passThreads;
      // An idle thread can take the remaining pairs, or those of another model.
      if (lingerNanos > 0 && waitingPairs > 0) {
        wakeIdle();
      }
      device.wakeNext();
      return next;
    } catch (Throwable t) {
      // The pairs must not be lost: put them back. This allocates no memory.
      for (int i = batch.size() - 1; i >= 0; i--) {
        PendingPair pair = batch.get(i);
        pair.lane().waiting.addFirst(pair);
        count(pair.lane(), 1, pair.encoded().length());
      }
      throw t;
    }
  }

  /**
   * Returns how many of the waiting tokens a batch takes. If a free core took all that waits, its
   * pass would take so much longer that the cores that become free meanwhile had nothing to do, and
   * what comes next would wait for them in vain. A batch of a quarter of the limit is large enough
   * for a pass at full speed; what is smaller is not divided further. Cores that other models want
   * are not counted on; with a linger time, batches are to be as large as possible.
   */
  private long tokensOfShare(int shares, boolean hasRivals) {
    long ofFreeCore = divideUp(waitingTokens, shares);
    if (hasRivals || lingerNanos > 0) {
      return ofFreeCore;
    }
    long ofAnyCore = divideUp(waitingTokens, Math.max(shares, cores));
    return Math.min(ofFreeCore, Math.max(ofAnyCore, limits.maxTokens() / 4));
  }

  private static long divideUp(long tokens, int parts) {
    return (tokens + parts - 1) / parts;
  }

  private void fill(List<PendingPair> batch, long tokensOfShare) {
    BatchFill fill = new BatchFill(limits);
    while (waitingPairs > 0 && (batch.isEmpty() || fill.tokens() < tokensOfShare)) {
      Lane lane = nextLane();
      PendingPair next = lane.waiting.peek();
      if (next.isDone()) {
        removeFirst(lane);
        continue;
      }
      int length = next.encoded().length();
      if (!fill.add(length)) {
        break;
      }
      batch.add(next);
      removeFirst(lane);
      floor = Math.max(floor, lane.batchedTokens);
      lane.batchedTokens += length;
    }
  }

  /** Returns the lane with the fewest tokens so far among those with waiting pairs. */
  private Lane nextLane() {
    Lane next = null;
    for (Lane lane : lanes) {
      if (!lane.waiting.isEmpty() && (next == null || lane.batchedTokens < next.batchedTokens)) {
        next = lane;
      }
    }
    return next;
  }

  /** Returns how long the oldest pair has waited. At least one pair must wait. */
  private long waitedNanos() {
    long now = System.nanoTime();
    long longest = 0;
    for (int i = 0; i < lanes.size(); i++) {
      PendingPair oldest = lanes.get(i).waiting.peek();
      if (oldest != null) {
        longest = Math.max(longest, now - oldest.readyNanos());
      }
    }
    return longest;
  }

  private PendingPair removeFirst(Lane lane) {
    PendingPair pair = lane.waiting.remove();
    count(lane, -1, -pair.encoded().length());
    onRoom.run();
    return pair;
  }

  private void count(Lane lane, int pairs, int tokens) {
    lane.count(pairs, tokens);
    waitingPairs += pairs;
    waitingTokens += tokens;
  }

  /** Wakes a thread that waits, if there are pairs for it. */
  private void wakeIdle() {
    if (freeCores > 0 && waitingPairs > 0) {
      if (firstIsIdle) {
        firstIsIdle = false;
        forFirst.signal();
      } else {
        forOthers.signal();
      }
    }
  }

  private void wakeAll() {
    forFirst.signalAll();
    forOthers.signalAll();
  }

  private void dropAbandoned() {
    for (Lane lane : lanes) {
      while (!lane.waiting.isEmpty() && lane.waiting.peek().isDone()) {
        removeFirst(lane);
      }
    }
  }

  private boolean isFull() {
    return waitingPairs >= limits.maxPairs() || waitingTokens >= limits.maxTokens();
  }
}
