package dev.crossencoder.model.engine;

import dev.crossencoder.model.DeviceOutOfMemoryException;

/**
 * Runs a compiled model. The seam between what a pair means and what computes it; a bundle names
 * its engine. Safe for use by several threads; closing it while a forward pass runs is the caller's
 * error.
 */
public interface ScoringEngine extends AutoCloseable {
  /**
   * Runs one forward pass.
   *
   * @param threads how many threads it may use on a CPU, the calling one among them
   * @return the logits, one row a pair and one number a label
   * @throws DeviceOutOfMemoryException if the batch does not fit into the device's memory
   */
  float[][] forward(PackedBatch batch, int threads);

  /**
   * How many threads a forward pass uses if so many are available, the calling one among them: what
   * {@link #forward} should be told, so that nobody keeps cores for a pass that cannot use them.
   */
  default int passThreads(int available) {
    return available;
  }

  @Override
  void close();
}
