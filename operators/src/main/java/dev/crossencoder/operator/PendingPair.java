package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.PairScoring;
import dev.crossencoder.model.scoring.PairScoring.Progress;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pair of a {@link PendingRecord} that is being tokenized or waits for its score, or a part of
 * such a pair: a long text has several parts, which may be in different batches. Belongs to one
 * tokenizer thread at a time, and once it is a part with tokens, to a scoring thread, while a
 * tokenizer thread reads the next parts. The lock of the {@link TextQueue} hands it from one
 * tokenizer thread to another. The lock of the {@link BatchQueue} publishes it safely. {@link
 * #answer}, {@link #lead}, {@link #scoreAlone} and {@link #isDone} may be called by any thread.
 */
final class PendingPair {
  private final PendingRecord record;
  private final int index;

  /** All parts of a pair share it. */
  private final State state;

  private TextPair text;
  private PairScoring scoring;
  private PairScoring.Part part;
  private long readyNanos;

  /**
   * Creates a pair that is not tokenized yet.
   *
   * @param index the position in the record's pairs
   */
  PendingPair(PendingRecord record, int index, TextPair text) {
    this(record, index, text, new State());
  }

  private PendingPair(PendingRecord record, int index, TextPair text, State state) {
    this.record = record;
    this.index = index;
    this.text = text;
    this.state = state;
  }

  /** What is known about the outcome of a pair. */
  private static final class State {
    /** Whether the pair has an outcome. */
    private final AtomicBoolean done = new AtomicBoolean();

    /** Receives the score for the cache; null without a cache. */
    private volatile Flight flight;

    /** Whether the cache is not asked, because a pair with the same texts has failed. */
    private volatile boolean alone;
  }

  PendingRecord record() {
    return record;
  }

  int index() {
    return index;
  }

  Lane lane() {
    return record.lane();
  }

  /** The metrics of the operator to which the record belongs. */
  ScoringMetrics metrics() {
    return record.lane().metrics();
  }

  /**
   * Tokenizes the next part of the pair.
   *
   * @return the part, which is this pair itself if it is the first one
   */
  PendingPair nextPart(ScoringModel model) {
    PendingPair next = this;
    if (scoring == null) {
      scoring = model.begin(text);
      text = null;
    } else {
      next = new PendingPair(record, index, null, state);
      next.scoring = scoring;
    }
    next.part = scoring.next();
    return next;
  }

  /** The texts of a pair that is not begun. */
  TextPair text() {
    return text;
  }

  /** Whether the cache can be asked for the score of the pair. */
  boolean mayBeCached() {
    return scoring == null && state.flight == null && !state.alone;
  }

  /** Lets a flight of the cache end with the outcome of this pair. */
  void lead(Flight flight) {
    state.flight = flight;
    record.lead(flight);
  }

  /** Does not ask the cache for the score of the pair. */
  void scoreAlone() {
    state.alone = true;
  }

  /** Whether a part of the pair was tokenized. */
  boolean isBegun() {
    return scoring != null;
  }

  /** Whether a part can be tokenized. Not to be called after the last part is in a batch. */
  boolean hasNextPart() {
    return scoring.hasNext();
  }

  /**
   * Sets the tokens of a pair that has one part.
   *
   * @param nanos the {@link System#nanoTime} at which the pair begins to wait for a batch
   */
  void tokenized(EncodedPair tokens, long nanos) {
    scoring = PairScoring.of(tokens);
    part = scoring.next();
    text = null;
    ready(nanos);
  }

  /**
   * Sets since when this part waits.
   *
   * @param nanos the {@link System#nanoTime} at which it begins to wait for a batch
   */
  void ready(long nanos) {
    readyNanos = nanos;
  }

  /** Whether this part is scored for evidence only. */
  boolean isForEvidence() {
    return part.isForEvidence();
  }

  EncodedPair encoded() {
    return part.encoded();
  }

  /** The {@link System#nanoTime} at which the pair began to wait for a batch. */
  long readyNanos() {
    return readyNanos;
  }

  /** Whether the pair or its record has an outcome, so that this part need not be scored. */
  boolean isDone() {
    return state.done.get() || record.isDone();
  }

  /**
   * Sets the score of this part. The score of the last part is the outcome of the pair.
   *
   * @return whether the pair has further parts to tokenize
   */
  boolean score(Score score) {
    Progress progress = part.scored(score);
    if (progress == Progress.DONE && state.done.compareAndSet(false, true)) {
      Score result = scoring.result();
      try {
        if (state.flight != null) {
          state.flight.scored(result);
        }
      } finally {
        record.score(index, result);
      }
    }
    return progress == Progress.MORE;
  }

  /** Sets the score that another pair with the same texts has. */
  void answer(Score score) {
    if (state.done.compareAndSet(false, true)) {
      record.score(index, score);
    }
  }

  /** Sets the failure of the pair, unless it has an outcome. */
  void fail(Failure failure) {
    if (state.done.compareAndSet(false, true)) {
      try {
        if (state.flight != null) {
          state.flight.failed();
        }
      } finally {
        record.fail(index, failure);
      }
    }
  }
}
