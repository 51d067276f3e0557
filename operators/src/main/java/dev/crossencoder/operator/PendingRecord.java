package dev.crossencoder.operator;

import dev.crossencoder.bundle.Score;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record whose pairs are on their way through tokeniser and model, perhaps in different batches.
 * Reports one outcome: all scores, the first failure, or the first error. Used by the task thread
 * and by scoring threads.
 */
final class PendingRecord {
  private static final Logger LOG = LoggerFactory.getLogger(PendingRecord.class);

  private final Listener listener;
  private final AtomicReferenceArray<Score> scores;
  private final AtomicInteger missing;
  private final AtomicBoolean done = new AtomicBoolean();

  /** Who hears of a record's outcome, on a scoring thread. Exactly one method is called, once. */
  interface Listener {
    void scored(List<Score> scores);

    void failed(Failure failure);

    void errored(Throwable error);
  }

  PendingRecord(int pairs, Listener listener) {
    this.listener = listener;
    this.scores = new AtomicReferenceArray<>(pairs);
    this.missing = new AtomicInteger(pairs);
  }

  /** Takes the score of one pair; the last one completes the record. */
  void score(int pair, Score score) {
    scores.set(pair, score);
    if (missing.decrementAndGet() == 0 && done.compareAndSet(false, true)) {
      Score[] all = new Score[scores.length()];
      for (int i = 0; i < all.length; i++) {
        all[i] = scores.get(i);
      }
      listener.scored(List.of(all));
    }
  }

  /** The record cannot be scored; what becomes of its other pairs does not matter any more. */
  void fail(Failure failure) {
    if (done.compareAndSet(false, true)) {
      listener.failed(failure);
    }
  }

  /** Scoring itself is broken. */
  void error(Throwable error) {
    if (done.compareAndSet(false, true)) {
      try {
        listener.errored(error);
      } catch (RuntimeException e) {
        // Flink puts the record's own toString into its message. A thread that others share, too,
        // must outlive one that throws.
        LOG.error("Cannot report an error of scoring", e);
      }
    }
  }

  /** Nobody wants the outcome any more: the listener will not be called. */
  void abandon() {
    done.set(true);
  }

  /** Whether there is nothing left to do for the record's pairs. */
  boolean isDone() {
    return done.get();
  }
}
