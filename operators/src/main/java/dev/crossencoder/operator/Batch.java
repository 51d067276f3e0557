package dev.crossencoder.operator;

import java.util.List;

/**
 * What a scoring thread runs next.
 *
 * @param pairs the pairs, in order of arrival; empty if there is nothing left to do
 * @param cores how many cores the forward pass has; given back with {@link BatchQueue#done}
 */
record Batch(List<PendingPair> pairs, int cores) {
  /** What a closed queue gives. */
  static final Batch NONE = new Batch(List.of(), 0);

  Batch {
    pairs = List.copyOf(pairs);
  }
}
