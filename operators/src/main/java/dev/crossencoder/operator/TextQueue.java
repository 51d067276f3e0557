package dev.crossencoder.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Records whose pairs wait for their tokens. Operators take turns by the time that the tokeniser
 * spends on them. No operator gets more pairs tokenised than a bound ahead of their batches: tokens
 * take several times the memory of what they are made from, and a record may have any number of
 * pairs. Used by many threads; one of them takes.
 */
final class TextQueue {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Lane> lanes = new ArrayList<>();
  private long maxPairsAhead = 1;
  private long maxTokensAhead = 1;
  private int waitingPairs;

  /** What the lane had that was last taken from. One that was idle has no right to more. */
  private long floor;

  private boolean closed;

  /**
   * Sets how many pairs and tokens of one operator may wait for a batch. A pair is tokenised if
   * there are fewer, so that one with more tokens than that gets its turn, too.
   */
  void allowAhead(long pairs, long tokens) {
    lock.lock();
    try {
      maxPairsAhead = pairs;
      maxTokensAhead = tokens;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a record; a closed queue lets go of it. */
  void add(PendingRecord record) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      Lane lane = record.lane();
      if (!lanes.contains(lane)) {
        lanes.add(lane);
      }
      if (lane.records.isEmpty()) {
        lane.tokenisedNanos = Math.max(lane.tokenisedNanos, floor);
      }
      lane.records.add(record);
      waitingPairs += record.textsLeft();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the next pair to tokenise, waiting for it; null once the queue is closed. */
  PendingPair take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        PendingPair pair = poll();
        if (pair != null) {
          return pair;
        }
        changed.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private PendingPair poll() {
    for (Lane lane = next(); lane != null; lane = next()) {
      PendingRecord record = lane.records.peek();
      PendingPair pair = record.nextPair();
      if (pair != null) {
        waitingPairs--;
        floor = Math.max(floor, lane.tokenisedNanos);
        return pair;
      }
      waitingPairs -= record.textsLeft();
      lane.records.remove();
    }
    return null;
  }

  /** The lane that had least, of those that have records and may have pairs tokenised. */
  private Lane next() {
    Lane next = null;
    for (Lane lane : lanes) {
      if (!lane.records.isEmpty()
          && lane.waitsForLessThan(maxPairsAhead, maxTokensAhead)
          && (next == null || lane.tokenisedNanos < next.tokenisedNanos)) {
        next = lane;
      }
    }
    return next;
  }

  /** Charges an operator for the tokeniser's time. */
  void spent(Lane lane, long nanos) {
    lock.lock();
    try {
      lane.tokenisedNanos += nanos;
    } finally {
      lock.unlock();
    }
  }

  /** Fewer pairs of an operator wait for a batch than before. */
  void roomMade() {
    lock.lock();
    try {
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of an operator's records, and of the operator. */
  void remove(Lane lane) {
    lock.lock();
    try {
      lanes.remove(lane);
      lane.records.forEach(record -> waitingPairs -= record.textsLeft());
      lane.records.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Has all records that wait fail with an error. */
  void failAll(Throwable error) {
    for (PendingRecord record = pollRecord(); record != null; record = pollRecord()) {
      record.error(error);
    }
  }

  private PendingRecord pollRecord() {
    lock.lock();
    try {
      for (int i = 0; i < lanes.size(); i++) {
        PendingRecord record = lanes.get(i).records.poll();
        if (record != null) {
          waitingPairs -= record.textsLeft();
          return record;
        }
      }
      return null;
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

  /** Lets go of all records and of the thread that waits. */
  void close() {
    lock.lock();
    try {
      closed = true;
      lanes.forEach(lane -> lane.records.clear());
      lanes.clear();
      waitingPairs = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
