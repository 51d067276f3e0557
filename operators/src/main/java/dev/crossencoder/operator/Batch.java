package dev.crossencoder.operator;

import java.util.List;

/**
 * The pairs of one forward pass.
 *
 * @param pairs the pairs, in order of arrival; empty if there is nothing left to do
 * @param cores the number of cores for the forward pass; {@link BatchQueue#done} returns them
 */
record Batch(List<PendingPair> pairs, int cores) {
  /** The batch that a closed queue returns. */
  static final Batch NONE = new Batch(List.of(), 0);

  Batch {
    pairs = List.copyOf(pairs);
  }
}
