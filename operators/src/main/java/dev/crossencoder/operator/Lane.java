package dev.crossencoder.operator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One operator's way through a {@link ScoringService}: its records whose pairs wait for their
 * tokens, and its pairs that wait for a batch, both in order of arrival. Operators take turns, so
 * that the records of one do not hold up those of another.
 */
final class Lane {
  private final ScoringMetrics metrics;

  /** Guarded by the {@link TextQueue}, as are the nanoseconds that the tokeniser spent here. */
  final Deque<PendingRecord> records = new ArrayDeque<>();

  long tokenisedNanos;

  /** Guarded by the {@link BatchQueue}, as are the tokens that went into batches. */
  final Deque<PendingPair> waiting = new ArrayDeque<>();

  long batchedTokens;

  /** Changed by the {@link BatchQueue} under its lock, read by the {@link TextQueue} without. */
  private final AtomicInteger waitingPairs = new AtomicInteger();

  private final AtomicLong waitingTokens = new AtomicLong();

  Lane(ScoringMetrics metrics) {
    this.metrics = metrics;
  }

  /** Those of the operator. */
  ScoringMetrics metrics() {
    return metrics;
  }

  /** Counts pairs that begin to wait for a batch; with negative numbers, that do so no more. */
  void count(int pairs, int tokens) {
    waitingPairs.addAndGet(pairs);
    waitingTokens.addAndGet(tokens);
  }

  /** Whether fewer pairs and fewer tokens than these wait for a batch. */
  boolean waitsForLessThan(long pairs, long tokens) {
    return waitingPairs.get() < pairs && waitingTokens.get() < tokens;
  }
}
