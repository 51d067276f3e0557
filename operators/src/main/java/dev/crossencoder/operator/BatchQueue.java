package dev.crossencoder.operator;

import dev.crossencoder.model.BatchLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;

/**
 * Tokenised pairs that wait for a device. Whatever waits when a scoring thread comes is shared
 * among the cores that are free, within the limits; an idle thread starts with the first pair, or
 * lingers for more if told to. Operators take turns by tokens, and may share a batch; the pairs of
 * one are taken in order of arrival. Unbounded: {@link TextQueue} bounds what can wait. Used by
 * many threads.
 *
 * <p>Several forward passes on one core each are faster than one on several, whose threads wait for
 * each other dozens of times: so each core gets a batch of its own. Only where fewer pairs wait
 * than cores are free does a pass get several, which is all of them for a lone pair on an idle
 * machine. Such passes are one thread's: OpenMP keeps a team of workers for each thread that has
 * had one, and once all teams outnumber the cores it puts workers to sleep after every operation.
 */
final class BatchQueue {
  private final BatchLimits limits;
  private final long lingerNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition forFirst = lock.newCondition();
  private final Condition forOthers = lock.newCondition();
  private final IntUnaryOperator passThreads;
  private final List<Lane> lanes = new ArrayList<>();
  private Runnable onRoom = () -> {};
  private int waitingPairs;
  private long waitingTokens;

  /** What the lane had that was last taken from. One that was idle has no right to more. */
  private long floor;

  private int freeCores;
  private boolean firstIsIdle;
  private boolean closed;

  /** One of the ways to take a batch. */
  interface Source {
    Batch take() throws InterruptedException;
  }

  /** Creates one for an engine whose forward passes use all the cores that they are given. */
  BatchQueue(BatchLimits limits, Duration linger) {
    this(limits, linger, cores -> cores);
  }

  /**
   * Creates one.
   *
   * @param passThreads how many of the cores that are available a forward pass uses, at least one
   */
  BatchQueue(BatchLimits limits, Duration linger, IntUnaryOperator passThreads) {
    this.limits = limits;
    this.lingerNanos = linger.toNanos();
    this.passThreads = passThreads;
  }

  BatchLimits limits() {
    return limits;
  }

  /** Sets what to do when fewer pairs wait than before; it must not call this queue. */
  void onRoom(Runnable newOnRoom) {
    lock.lock();
    try {
      onRoom = newOnRoom;
    } finally {
      lock.unlock();
    }
  }

  /** Gives batches more cores to run on. There must be a scoring thread for each. */
  void addCores(int cores) {
    lock.lock();
    try {
      freeCores += cores;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a pair that has its tokens. A closed queue lets go of it, and of one whose record is
   * done: its operator may have left, and nobody would remove the lane.
   */
  void add(PendingPair pair) {
    lock.lock();
    try {
      if (closed || pair.record().isDone()) {
        return;
      }
      Lane lane = pair.lane();
      if (!lanes.contains(lane)) {
        lanes.add(lane);
      }
      if (lane.waiting.isEmpty()) {
        lane.batchedTokens = Math.max(lane.batchedTokens, floor);
      }
      lane.waiting.add(pair);
      count(lane, 1, pair.encoded().length());
      wakeOne();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the next batch, waiting for it and for a core; {@link Batch#NONE} once the queue is
   * closed. For one thread, which comes first where several are idle.
   */
  Batch take() throws InterruptedException {
    return next(true);
  }

  /** As {@link #take}, with one core for the batch, for any number of other threads. */
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
        if (waitingPairs == 0 || freeCores == 0) {
          firstIsIdle |= first;
          changed.await();
          continue;
        }
        long remaining = lingerNanos - waitedNanos();
        if (!isFull() && remaining > 0) {
          firstIsIdle |= first;
          changed.awaitNanos(remaining);
          continue;
        }
        Batch batch = nextBatch(first);
        if (!batch.pairs().isEmpty()) {
          return batch;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives the cores of a batch back, once its forward pass is over. */
  void done(Batch batch) {
    lock.lock();
    try {
      freeCores += batch.cores();
      wakeOne();
    } finally {
      lock.unlock();
    }
  }

  /** The number of pairs that wait. */
  int size() {
    lock.lock();
    try {
      return waitingPairs;
    } finally {
      lock.unlock();
    }
  }

  /** Has the records of all pairs that wait fail with an error. */
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

  /** Lets go of an operator's pairs, and of the operator. */
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

  /** Lets go of all pairs and of all threads that wait. */
  void close() {
    lock.lock();
    try {
      closed = true;
      while (!lanes.isEmpty()) {
        remove(lanes.get(0));
      }
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the share of one of the free cores; empty if all that waited was just abandoned. */
  private Batch nextBatch(boolean first) {
    int shares = Math.min(freeCores, waitingPairs);
    List<PendingPair> batch = new ArrayList<>();
    try {
      fill(batch, shares);
      if (batch.isEmpty()) {
        return Batch.NONE;
      }
      int cores = 1;
      if (first) {
        cores =
            passThreads.applyAsInt(waitingPairs == 0 ? freeCores : Math.max(1, freeCores / shares));
      }
      Batch next = new Batch(batch, cores);
      freeCores -= cores;
      // Another thread may be idle: what is left is its next batch.
      wakeOne();
      return next;
    } catch (Throwable t) {
      // Pairs that are neither here nor in a batch would be lost. This takes no memory.
      for (int i = batch.size() - 1; i >= 0; i--) {
        PendingPair pair = batch.get(i);
        pair.lane().waiting.addFirst(pair);
        count(pair.lane(), 1, pair.encoded().length());
      }
      throw t;
    }
  }

  private void fill(List<PendingPair> batch, int shares) {
    long tokensOfShare = (waitingTokens + shares - 1) / shares;
    int tokens = 0;
    while (waitingPairs > 0 && (batch.isEmpty() || tokens < tokensOfShare)) {
      Lane lane = nextLane();
      PendingPair next = lane.waiting.peek();
      if (next.record().isDone()) {
        removeFirst(lane);
        continue;
      }
      int length = next.encoded().length();
      if (!limits.admit(batch.size(), tokens, length)) {
        break;
      }
      batch.add(next);
      removeFirst(lane);
      tokens += length;
      floor = Math.max(floor, lane.batchedTokens);
      lane.batchedTokens += length;
    }
  }

  /** The lane that had least, of those in which pairs wait. */
  private Lane nextLane() {
    Lane next = null;
    for (Lane lane : lanes) {
      if (!lane.waiting.isEmpty() && (next == null || lane.batchedTokens < next.batchedTokens)) {
        next = lane;
      }
    }
    return next;
  }

  /** How long the oldest pair has waited; some pair waits. */
  private long waitedNanos() {
    long now = System.nanoTime();
    long longest = 0;
    for (Lane lane : lanes) {
      PendingPair oldest = lane.waiting.peek();
      if (oldest != null) {
        longest = Math.max(longest, now - oldest.readyNanos());
      }
    }
    return longest;
  }

  /** Removes a lane's first pair. */
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

  private void wakeOne() {
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
      while (!lane.waiting.isEmpty() && lane.waiting.peek().record().isDone()) {
        removeFirst(lane);
      }
    }
  }

  private boolean isFull() {
    return waitingPairs >= limits.maxPairs() || waitingTokens >= limits.maxTokens();
  }
}
