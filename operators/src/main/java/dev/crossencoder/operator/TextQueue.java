package dev.crossencoder.operator;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * Records with pairs to tokenize, in one lane per operator. The next pair is taken from the lane
 * for which tokenizer threads have spent the least time. The number of tokenized pairs of an
 * operator that wait for a batch is bounded, because tokens need several times the memory of their
 * text, a record may have any number of pairs, and the text of a pair any number of chunks. {@link
 * TurnQueue} determines the order of the records of a lane. Thread-safe. A pair is in the queue or
 * with one thread, so that its parts are tokenized by one thread at a time.
 */
final class TextQueue {
  /** The pairs of a lane that are begun and wait; each has the tokens of its query in memory. */
  private static final int MAX_BEGUN = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Lane> lanes = new ArrayList<>();
  private long maxPairsAhead = 1;
  private long maxTokensAhead = 1;
  private int waitingPairs;

  /**
   * The time of the lane from which a pair was last taken. A lane that was idle starts with this
   * value, so that it gets no credit for the idle time.
   */
  private long floor;

  private boolean closed;

  /**
   * Sets how many pairs and tokens of one operator may wait for a batch. A pair is tokenized while
   * fewer wait; therefore a pair with more tokens than the limit is tokenized, too. Pairs that are
   * being tokenized count as pairs that wait; their tokens are not known, so each tokenizer thread
   * may exceed the limit of tokens by one pair.
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

  /** Adds a record. A closed queue drops it. */
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
        lane.tokenizedNanos = Math.max(lane.tokenizedNanos, floor);
      }
      lane.records.add(record, record.textsLeft());
      waitingPairs += record.textsLeft();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next pair to tokenize and returns it; null once the queue is closed. The caller
   * must call {@link #finished} for the pair, and then take the next one.
   */
  PendingPair take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        PendingPair pair = poll();
        if (pair != null) {
          pair.lane().tokenizing++;
          // A change wakes one thread, which wakes the next one if there is work for it.
          if (next() != null) {
            changed.signal();
          }
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
      boolean fromBegun =
          !lane.begun.isEmpty()
              && (lane.begunIsNext || lane.records.isEmpty() || lane.begun.size() >= MAX_BEGUN);
      lane.begunIsNext = !fromBegun;
      if (fromBegun) {
        PendingPair begun = lane.begun.remove();
        waitingPairs--;
        if (begun.isDone()) {
          continue;
        }
        floor = Math.max(floor, lane.tokenizedNanos);
        return begun;
      }
      PendingRecord record = lane.records.peek();
      PendingPair pair = record.nextPair();
      if (pair != null) {
        waitingPairs--;
        lane.records.partTaken();
        floor = Math.max(floor, lane.tokenizedNanos);
        return pair;
      }
      waitingPairs -= record.textsLeft();
      lane.records.poll();
    }
    return null;
  }

  /** Returns the lane with the least time among those with records and room for tokenized pairs. */
  private Lane next() {
    Lane next = null;
    // Without an iterator: an OutOfMemoryError would lose the pair that was just taken.
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      if (!(lane.records.isEmpty() && lane.begun.isEmpty())
          && lane.waitsForLessThan(maxPairsAhead - lane.tokenizing, maxTokensAhead)
          && (next == null || lane.tokenizedNanos < next.tokenizedNanos)) {
        next = lane;
      }
    }
    return next;
  }

  /**
   * Adds a pair that was begun and has further parts, behind the others that were begun. They and
   * the pairs that wait take turns, so that a long text does not delay the short ones behind it
   * until its end. The pair is dropped if it has an outcome: then its lane may be gone.
   */
  void begin(PendingPair pair) {
    add(pair, Deque::addLast);
  }

  /** Adds a pair as {@link #begin} does, but before the others, so that it is finished first. */
  void resume(PendingPair pair) {
    add(pair, Deque::addFirst);
  }

  private void add(PendingPair pair, BiConsumer<Deque<PendingPair>, PendingPair> place) {
    lock.lock();
    try {
      Lane lane = pair.lane();
      if (closed || pair.isDone()) {
        return;
      }
      if (!lanes.contains(lane)) {
        lanes.add(lane);
      }
      place.accept(lane.begun, pair);
      waitingPairs++;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the work on a pair that was taken: it waits for a batch, is in this queue again, or has an
   * outcome.
   *
   * @param nanos the time that the work took
   */
  void finished(PendingPair pair, long nanos) {
    lock.lock();
    try {
      pair.lane().tokenizing--;
      pair.lane().tokenizedNanos += nanos;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes a tokenizer thread after the number of pairs that wait for a batch has decreased. */
  void roomMade() {
    lock.lock();
    try {
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Removes a lane with its records. */
  void remove(Lane lane) {
    lock.lock();
    try {
      lanes.remove(lane);
      lane.records.forEach(record -> waitingPairs -= record.textsLeft());
      lane.records.clear();
      waitingPairs -= lane.begun.size();
      lane.begun.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Completes all waiting records with an error. */
  void failAll(Throwable error) {
    for (PendingRecord record = pollRecord(); record != null; record = pollRecord()) {
      record.error(error);
    }
  }

  private PendingRecord pollRecord() {
    lock.lock();
    try {
      for (int i = 0; i < lanes.size(); i++) {
        PendingPair begun = lanes.get(i).begun.poll();
        if (begun != null) {
          waitingPairs--;
          return begun.record();
        }
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

  /** The number of pairs with texts that are not tokenized yet. */
  int size() {
    lock.lock();
    try {
      return waitingPairs;
    } finally {
      lock.unlock();
    }
  }

  /** Drops all records and wakes the threads in {@link #take}. */
  void close() {
    lock.lock();
    try {
      closed = true;
      lanes.forEach(
          lane -> {
            lane.records.clear();
            lane.begun.clear();
          });
      lanes.clear();
      waitingPairs = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
