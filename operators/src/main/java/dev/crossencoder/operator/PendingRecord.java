package dev.crossencoder.operator;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record in flight, whose pairs may be in different batches. Reports one outcome to its listener:
 * all scores, the first failure, or the first error. Thread-safe; used by the task thread, the
 * tokenizer thread and scoring threads.
 */
final class PendingRecord {
  private static final Logger LOG = LoggerFactory.getLogger(PendingRecord.class);

  private final Lane lane;
  private final OutcomeListener listener;
  private final AtomicReferenceArray<Score> scores;
  private final AtomicInteger missing;
  private final AtomicBoolean done = new AtomicBoolean();

  /** Null once the record is done, so that texts which are no longer scored can be collected. */
  private volatile TextPair[] texts;

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
    this.listener = listener;
    this.texts = pairs.toArray(TextPair[]::new);
    this.scores = new AtomicReferenceArray<>(texts.length);
    this.missing = new AtomicInteger(texts.length);
  }

  Lane lane() {
    return lane;
  }

  /** The number of pairs that {@link #nextPair} has not returned yet. */
  int textsLeft() {
    return scores.length() - next;
  }

  /** The number of pairs that {@link #nextPair} has returned. */
  int textsTaken() {
    return next;
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

  /** Sets the score of one pair. The last score completes the record. */
  void score(int pair, Score score) {
    scores.set(pair, score);
    if (missing.decrementAndGet() == 0) {
      Score[] all = new Score[scores.length()];
      for (int i = 0; i < all.length; i++) {
        all[i] = scores.get(i);
      }
      // Created before the record is done: after an OutOfMemoryError here it can still be failed.
      List<Score> inOrder = List.of(all);
      if (finish()) {
        try {
          listener.scored(inOrder);
        } catch (Throwable t) {
          logUnreported(t);
        }
      }
    }
  }

  /** Completes the record with a failure; scores of its other pairs are ignored. */
  void fail(Failure failure) {
    if (finish()) {
      try {
        listener.failed(failure);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** Completes the record with an error, which fails the task. */
  void error(Throwable error) {
    if (finish()) {
      try {
        listener.errored(error);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  private boolean finish() {
    boolean first = done.compareAndSet(false, true);
    texts = null;
    return first;
  }

  /** A listener that throws must not prevent the outcomes of other records on the same thread. */
  private static void logUnreported(Throwable t) {
    LOG.error("Cannot report the outcome of a record", t);
  }

  /** Marks the record as done without an outcome: the listener will not be called. */
  void abandon() {
    done.set(true);
    texts = null;
  }

  /** Returns whether the record has an outcome or was abandoned. */
  boolean isDone() {
    return done.get();
  }
}
