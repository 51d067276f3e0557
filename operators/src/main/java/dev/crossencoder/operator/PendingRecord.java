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
 * A record whose pairs are on their way through tokeniser and model, perhaps in different batches.
 * Reports one outcome: all scores, the first failure, or the first error. Used by the task thread
 * and by scoring threads.
 */
final class PendingRecord {
  private static final Logger LOG = LoggerFactory.getLogger(PendingRecord.class);

  private final Lane lane;
  private final Listener listener;
  private final AtomicReferenceArray<Score> scores;
  private final AtomicInteger missing;
  private final AtomicBoolean done = new AtomicBoolean();

  /** Null once the record is done: what nobody scores any more must not fill the heap. */
  private volatile TextPair[] texts;

  /** Of the texts; guarded by the {@link TextQueue}. */
  private int next;

  /**
   * Who hears of a record's outcome, on a thread that others share. Exactly one method is called,
   * once. None may run code of the user's; what one throws is logged and nothing else.
   */
  interface Listener {
    void scored(List<Score> scores);

    void failed(Failure failure);

    void errored(Throwable error);
  }

  /**
   * Creates a record whose pairs wait for their tokens.
   *
   * @param lane that of the operator that the record is of
   * @param pairs at least one; copied
   */
  PendingRecord(Lane lane, List<TextPair> pairs, Listener listener) {
    this.lane = lane;
    this.listener = listener;
    this.texts = pairs.toArray(TextPair[]::new);
    this.scores = new AtomicReferenceArray<>(texts.length);
    this.missing = new AtomicInteger(texts.length);
  }

  Lane lane() {
    return lane;
  }

  /** How many pairs have yet to be returned by {@link #nextPair}, if the record is not done. */
  int textsLeft() {
    return scores.length() - next;
  }

  /** The next pair to tokenise; null if there is none, or nothing left to do for the record. */
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
      if (finish()) {
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
    if (finish()) {
      try {
        listener.failed(failure);
      } catch (Throwable t) {
        logUnreported(t);
      }
    }
  }

  /** Scoring itself is broken. */
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

  /** A listener that throws must not keep others, who share the thread, from their outcomes. */
  private static void logUnreported(Throwable t) {
    LOG.error("Cannot report the outcome of a record", t);
  }

  /** Nobody wants the outcome any more: the listener will not be called. */
  void abandon() {
    done.set(true);
    texts = null;
  }

  /** Whether there is nothing left to do for the record's pairs. */
  boolean isDone() {
    return done.get();
  }
}
