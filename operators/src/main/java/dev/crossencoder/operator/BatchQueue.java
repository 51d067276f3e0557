package dev.crossencoder.operator;

import dev.crossencoder.bundle.BatchLimits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tokenised pairs that wait for a device. Whatever waits when a scoring thread comes is shared
 * among the cores that are free, in order of arrival and within the limits; an idle thread starts
 * with the first pair, or lingers for more if told to. Unbounded: the operator's capacity bounds
 * what can wait. Used by many threads.
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
  private final Deque<PendingPair> waiting = new ArrayDeque<>();
  private int waitingTokens;
  private int freeCores;
  private boolean firstIsIdle;
  private boolean closed;

  /** One of the ways to take a batch. */
  interface Source {
    Batch take() throws InterruptedException;
  }

  BatchQueue(BatchLimits limits, Duration linger) {
    this.limits = limits;
    this.lingerNanos = linger.toNanos();
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

  /** Takes a pair that has its tokens; a closed queue lets go of it. */
  void add(PendingPair pair) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      waiting.add(pair);
      waitingTokens += pair.encoded().length();
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
        if (waiting.isEmpty() || freeCores == 0) {
          firstIsIdle |= first;
          changed.await();
          continue;
        }
        long remaining = lingerNanos - (System.nanoTime() - waiting.peek().readyNanos());
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
      return waiting.size();
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
      PendingPair pair = waiting.poll();
      if (pair != null) {
        waitingTokens -= pair.encoded().length();
      }
      return pair;
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of all pairs and of all threads that wait. */
  void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the share of one of the free cores; empty if all that waited was just abandoned. */
  private Batch nextBatch(boolean first) {
    int shares = Math.min(freeCores, waiting.size());
    List<PendingPair> batch = new ArrayList<>();
    try {
      fill(batch, shares);
      if (batch.isEmpty()) {
        return Batch.NONE;
      }
      int cores = 1;
      if (first) {
        cores = waiting.isEmpty() ? freeCores : Math.max(1, freeCores / shares);
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
        waiting.addFirst(pair);
        waitingTokens += pair.encoded().length();
      }
      throw t;
    }
  }

  private void fill(List<PendingPair> batch, int shares) {
    int tokensOfShare = (waitingTokens + shares - 1) / shares;
    int tokens = 0;
    while (!waiting.isEmpty() && (batch.isEmpty() || tokens < tokensOfShare)) {
      PendingPair next = waiting.peek();
      int length = next.encoded().length();
      if (!next.record().isDone()) {
        if (!limits.admit(batch.size(), tokens, length)) {
          break;
        }
        batch.add(next);
        tokens += length;
      }
      waiting.remove();
      waitingTokens -= length;
    }
  }

  private void wakeOne() {
    if (freeCores > 0 && !waiting.isEmpty()) {
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
    while (!waiting.isEmpty() && waiting.peek().record().isDone()) {
      waitingTokens -= waiting.remove().encoded().length();
    }
  }

  private boolean isFull() {
    return waiting.size() >= limits.maxPairs() || waitingTokens >= limits.maxTokens();
  }
}
