package dev.crossencoder.operator;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record in flight, whose pairs may be in different batches. Reports one outcome to its listener:
 * the outcomes of all pairs, the first failure, or the first error. Thread-safe; used by the task
 * thread, tokenizer threads and scoring threads.
 */
final class PendingRecord {
  private static final Logger LOG = LoggerFactory.getLogger(PendingRecord.class);

  private final Lane lane;

  /** Null once the record is done: the listener references the record of the caller. */
  private final AtomicReference<OutcomeListener> listener;

  private final AtomicReferenceArray<PairOutcome> outcomes;
  private final AtomicInteger missing;
  private final boolean keepsFailedPairs;

  /** Null once the record is done, so that texts which are no longer scored can be collected. */
  private volatile TextPair[] texts;

  /** What others wait for; null if there is no cache. */
  private volatile Queue<Flight> flights;

  /** The index of the next text; guarded by the lock of the {@link TextQueue}. */
  private int next;

  /**
   * Creates a record whose pairs are not tokenized yet.
   *
   * @param lane the lane of the operator to which the record belongs
   * @param pairs at least one; copied
   */
  PendingRecord(Lane lane, List<TextPair> pairs, OutcomeListener listener) {
    this.lane = lane;
    this.listener = new AtomicReference<>(listener);
    this.texts = pairs.toArray(TextPair[]::new);
    this.keepsFailedPairs = listener.keepsFailedPairs();
    this.outcomes = new AtomicReferenceArray<>(texts.length);
    this.missing = new AtomicInteger(texts.length);
  }

  Lane lane() {
    return lane;
  }

  /** Whether the failure of a pair belongs to that pair, and not to the record. */
  boolean keepsFailedPairs() {
    return keepsFailedPairs;
  }

  /** The number of pairs that {@link #nextPair} has not returned yet. */
  int textsLeft() {
    return outcomes.length() - next;
  }

  /** Returns the next pair to tokenize; null if there are no more pairs or the record is done. */
  PendingPair nextPair() {
    TextPair[] left = texts;
    if (left == null || next == left.length) {
      return null;
    }
    PendingPair pair = new PendingPair(this, next, left[next]);
    left[next] = null;
    next++;
    return pair;
  }

  /** Sets the score of one pair. The last outcome completes the record. */
  void score(int pair, Score score) {
    complete(pair, new PairOutcome(score, null));
  }

  /**
   * Sets the failure of one pair. It completes the record, unless the listener keeps failed pairs.
   */
  void fail(int pair, Failure failure) {
    if (keepsFailedPairs) {
      complete(pair, new PairOutcome(null, failure));
    } else {
      fail(failure);
    }
  }

  private void complete(int pair, PairOutcome outcome) {
    outcomes.set(pair, outcome);
    if (missing.decrementAndGet() == 0) {
      PairOutcome[] all = new PairOutcome[outcomes.length()];
      for (int i = 0; i < all.length; i++) {
        all[i] = outcomes.get(i);
      }
      // Created before the record is done: after an OutOfMemoryError here it can still be failed.
      List<PairOutcome> inOrder = List.of(all);
      OutcomeListener receiver = finish();
      if (receiver != null) {
        try {
          receiver.completed(inOrder);
        } catch (Throwable t) {
          logUnreported(t);
        }
      }
    }
  }

  /** Completes the record with a failure; scores of its other pairs are ignored. */
  private void fail(Failure failure) {
    OutcomeListener receiver = finish();
    if (receiver != null) {
      try {
        receiver.failed(failure);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** Completes the record with an error, which fails the task. */
  void error(Throwable error) {
    OutcomeListener receiver = finish();
    if (receiver != null) {
      try {
        receiver.errored(error);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** Marks the record as done. Returns its listener, or null if it was done before. */
  private OutcomeListener finish() {
    OutcomeListener receiver = listener.getAndSet(null);
    texts = null;
    if (flights != null) {
      try {
        abandonFlights();
      } catch (Throwable t) {
        // The listener must hear of the outcome nevertheless.
        LOG.error("Cannot hand on the pairs that wait for those of a record", t);
      }
    }
    return receiver;
  }

  /** Keeps a flight that must not wait for a pair of this record once the record is done. */
  void lead(Flight flight) {
    synchronized (this) {
      if (flights == null) {
        flights = new ConcurrentLinkedQueue<>();
      }
    }
    flights.add(flight);
    if (isDone()) {
      abandonFlights();
    }
  }

  private void abandonFlights() {
    for (Flight flight = flights.poll(); flight != null; flight = flights.poll()) {
      flight.abandoned();
    }
  }

  /** A listener that throws must not prevent the outcomes of other records on the same thread. */
  private static void logUnreported(Throwable t) {
    LOG.error("Cannot report the outcome of a record", t);
  }

  /** Marks the record as done without an outcome: the listener will not be called. */
  void abandon() {
    finish();
  }

  /** Returns whether the record has an outcome or was abandoned. */
  boolean isDone() {
    return listener.get() == null;
  }
}
