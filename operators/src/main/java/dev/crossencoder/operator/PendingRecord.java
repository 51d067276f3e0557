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

  /**
   * Who hears of a record's outcome, on a thread that others share. Exactly one method is called,
   * once. None may run code of the user's; what one throws is logged and nothing else.
   */
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
    if (missing.decrementAndGet() == 0) {
      Score[] all = new Score[scores.length()];
      for (int i = 0; i < all.length; i++) {
        all[i] = scores.get(i);
      }
      // Made before the record is done: if memory ends here, the record can still be failed.
      List<Score> inOrder = List.of(all);
      if (done.compareAndSet(false, true)) {
        try {
          listener.scored(inOrder);
        } catch (Throwable t) {
          logUnreported(t);
        }
      }
    }
  }

  /** The record cannot be scored; what becomes of its other pairs does not matter any more. */
  void fail(Failure failure) {
    if (done.compareAndSet(false, true)) {
      try {
        listener.failed(failure);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** Scoring itself is broken. */
  void error(Throwable error) {
    if (done.compareAndSet(false, true)) {
      try {
        listener.errored(error);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** A listener that throws must not keep others, who share the thread, from their outcomes. */
  private static void logUnreported(Throwable t) {
    LOG.error("Cannot report the outcome of a record", t);
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
