package dev.crossencoder.operator;

import java.util.List;

/**
 * The pairs of one forward pass.
 *
 * @param pairs the pairs, in order of arrival; empty if there is nothing left to do
 * @param passThreads the number of threads of the forward pass, each with a core; {@link
 *     BatchQueue#done} returns the cores
 * @param takenNanos the time at which the cores were taken, by the clock of the {@link DeviceCores}
 */
record Batch(List<PendingPair> pairs, int passThreads, long takenNanos) {
  /** The batch that a closed queue returns. */
  static final Batch NONE = new Batch(List.of(), 0, 0);

  Batch {
    pairs = List.copyOf(pairs);
  }
}
