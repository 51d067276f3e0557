package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;

/**
 * A pair of a {@link PendingRecord} that is being tokenized or waits for its score. Owned by one
 * thread at a time: the tokenizer thread, then a scoring thread. The lock of the {@link BatchQueue}
 * publishes it safely to the second thread.
 */
final class PendingPair {
  private final PendingRecord record;
  private final int index;
  private TextPair text;
  private EncodedPair encoded;
  private long readyNanos;

  /**
   * Creates a pair that is not tokenized yet.
   *
   * @param index the position in the record's pairs
   */
  PendingPair(PendingRecord record, int index, TextPair text) {
    this.record = record;
    this.index = index;
    this.text = text;
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

  TextPair text() {
    return text;
  }

  /**
   * Sets the tokens and clears the text.
   *
   * @param nanos the {@link System#nanoTime} at which the pair begins to wait for a batch
   */
  void tokenized(EncodedPair tokens, long nanos) {
    this.encoded = tokens;
    this.text = null;
    this.readyNanos = nanos;
  }

  EncodedPair encoded() {
    return encoded;
  }

  /** The {@link System#nanoTime} at which the pair began to wait for a batch. */
  long readyNanos() {
    return readyNanos;
  }
}
