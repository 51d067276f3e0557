package dev.crossencoder.model;

/**
 * Fills batches greedily: a pair joins while the limits allow it, and the first of a batch always
 * does, so that a pair that is longer than the limit is scored alone. Counts what a batch has; the
 * pairs themselves are the caller's. Owned by one thread.
 */
public final class BatchFill {
  private final BatchLimits limits;
  private int pairs;
  private int tokens;

  /** Starts with an empty batch. */
  public BatchFill(BatchLimits limits) {
    this.limits = limits;
  }

  /**
   * Adds a pair to the batch, if it may join.
   *
   * @param length the tokens of the pair
   * @return whether it was added; if not, the batch is complete
   */
  public boolean add(int length) {
    if (pairs > 0 && (pairs == limits.maxPairs() || tokens + length > limits.maxTokens())) {
      return false;
    }
    pairs++;
    tokens += length;
    return true;
  }

  /** Starts the next batch with a pair that did not join. */
  public void startWith(int length) {
    pairs = 1;
    tokens = length;
  }

  /** The tokens of the batch so far. */
  public int tokens() {
    return tokens;
  }
}
