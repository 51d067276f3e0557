package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;

/**
 * One pair on its way, from when it is tokenised. Owned by one thread at a time: the tokenising
 * thread, then a scoring thread; the queue between them hands it over safely.
 */
final class PendingPair {
  private final PendingRecord record;
  private final int index;
  private TextPair text;
  private EncodedPair encoded;
  private long readyNanos;

  /**
   * Creates a pair that waits for its tokens.
   *
   * @param record the record that the pair is of
   * @param index which of the record's pairs it is
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

  /** Those of the operator that wants the score. */
  ScoringMetrics metrics() {
    return record.lane().metrics();
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
