package dev.crossencoder.operator;

import java.util.List;

/**
 * The pairs of one forward pass.
 *
 * @param pairs the pairs, in order of arrival; empty if there is nothing left to do
 * @param passThreads the number of threads of the forward pass, each with a core; {@link
 *     BatchQueue#done} returns the cores
 */
record Batch(List<PendingPair> pairs, int passThreads) {
  /** The batch that a closed queue returns. */
  static final Batch NONE = new Batch(List.of(), 0);

  Batch {
    pairs = List.copyOf(pairs);
  }
}
