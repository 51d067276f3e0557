package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.bundle.EncodedPair;
import dev.crossencoder.bundle.TextPair;

/**
 * One pair on its way. Owned by one thread at a time: the task thread, then a tokenising thread,
 * then a scoring thread; the queues between them hand it over safely.
 */
final class PendingPair {
  private final PendingRecord record;
  private final int index;
  private final ScoringMetrics metrics;
  private TextPair text;
  private EncodedPair encoded;
  private long readyNanos;

  /**
   * Creates a pair that waits for its tokens.
   *
   * @param record the record that the pair is of
   * @param index which of the record's pairs it is
   * @param metrics those of the operator that wants the score
   */
  PendingPair(PendingRecord record, int index, TextPair text, ScoringMetrics metrics) {
    this.record = record;
    this.index = index;
    this.text = requireNonNull(text, "a selector returned a null pair");
    this.metrics = metrics;
  }

  PendingRecord record() {
    return record;
  }

  int index() {
    return index;
  }

  ScoringMetrics metrics() {
    return metrics;
  }

  TextPair text() {
    return text;
  }

  /** Sets the tokens and lets go of the text. */
  void tokenised(EncodedPair tokens, long nanos) {
    this.encoded = tokens;
    this.text = null;
    this.readyNanos = nanos;
  }

  EncodedPair encoded() {
    return encoded;
  }

  /** When the pair had its tokens and began to wait for a batch, by {@link System#nanoTime}. */
  long readyNanos() {
    return readyNanos;
  }
}
