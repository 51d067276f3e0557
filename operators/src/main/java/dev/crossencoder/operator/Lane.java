package dev.crossencoder.operator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The queues of one operator in a {@link ScoringService}: records with pairs to tokenize, and
 * tokenized pairs that wait for a batch. The service schedules lanes fairly, so that the records of
 * one operator do not delay those of another.
 */
final class Lane {
  private final ScoringMetrics metrics;

  /** Guarded by the lock of the {@link TextQueue}, like the time of its tokenizing so far. */
  final TurnQueue<PendingRecord> records = new TurnQueue<>();

  /** Pairs with further parts to tokenize. Guarded by the lock of the {@link TextQueue}. */
  final Deque<PendingPair> begun = new ArrayDeque<>();

  /** Whether the next part is one of a pair that was begun, if there is one. */
  boolean begunIsNext;

  long tokenizedNanos;

  /** The pairs with which tokenizer threads are busy. Guarded by the {@link TextQueue}'s lock. */
  int tokenizing;

  /** Guarded by the lock of the {@link BatchQueue}, like the number of tokens in batches so far. */
  final Deque<PendingPair> waiting = new ArrayDeque<>();

  long batchedTokens;

  /**
   * Written by the {@link BatchQueue} under its lock, read by the {@link TextQueue} without a lock.
   */
  private final AtomicInteger waitingPairs = new AtomicInteger();

  private final AtomicLong waitingTokens = new AtomicLong();

  Lane(ScoringMetrics metrics) {
    this.metrics = metrics;
  }

  /** The metrics of the operator. */
  ScoringMetrics metrics() {
    return metrics;
  }

  /** Adds to the numbers of pairs and tokens that wait for a batch; negative arguments subtract. */
  void count(int pairs, int tokens) {
    waitingPairs.addAndGet(pairs);
    waitingTokens.addAndGet(tokens);
  }

  /** Returns whether fewer pairs and fewer tokens than these wait for a batch. */
  boolean waitsForLessThan(long pairs, long tokens) {
    return waitingPairs.get() < pairs && waitingTokens.get() < tokens;
  }
}
