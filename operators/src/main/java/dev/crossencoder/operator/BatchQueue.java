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
 * Tokenised pairs that wait for a device. Whatever waits when a scoring thread comes is its next
 * batch, in order of arrival and within the limits; an idle thread starts with the first pair, or
 * lingers for more if told to. Unbounded: the operator's capacity bounds what can wait. Used by
 * many threads.
 */
final class BatchQueue {
  private final BatchLimits limits;
  private final long lingerNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<PendingPair> waiting = new ArrayDeque<>();
  private int waitingTokens;
  private boolean closed;

  BatchQueue(BatchLimits limits, Duration linger) {
    this.limits = limits;
    this.lingerNanos = linger.toNanos();
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
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the next batch, waiting for it; empty once the queue is closed. */
  List<PendingPair> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return List.of();
        }
        dropAbandoned();
        if (waiting.isEmpty()) {
          changed.await();
        } else {
          long remaining = lingerNanos - (System.nanoTime() - waiting.peek().readyNanos());
          if (!isFull() && remaining > 0) {
            changed.awaitNanos(remaining);
            continue;
          }
          List<PendingPair> batch = nextBatch();
          if (!batch.isEmpty()) {
            return batch;
          }
        }
      }
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

  /** Lets go of all pairs and of all threads that wait. */
  void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private List<PendingPair> nextBatch() {
    List<PendingPair> batch = new ArrayList<>();
    int tokens = 0;
    while (!waiting.isEmpty()) {
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
    if (!waiting.isEmpty()) {
      // Another thread may be idle: what does not fit into this batch is its next one.
      changed.signal();
    }
    return batch;
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
