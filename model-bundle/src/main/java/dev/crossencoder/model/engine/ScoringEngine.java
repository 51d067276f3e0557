package dev.crossencoder.model.engine;

import dev.crossencoder.model.DeviceOutOfMemoryException;

/**
 * Runs the forward pass of a compiled model. Thread-safe. The caller must not close the engine
 * while a forward pass runs.
 */
public interface ScoringEngine extends AutoCloseable {
  /**
   * Runs one forward pass.
   *
   * @param passThreads the number of CPU threads that it may use, the calling thread included
   * @return the logits {@code [pairs][labels]}
   * @throws DeviceOutOfMemoryException if the batch does not fit into the device's memory
   */
  float[][] forward(PackedBatch batch, int passThreads);

  /**
   * Returns how many of the available threads a forward pass uses, the calling thread included.
   * Pass this number to {@link #forward}, and use the other threads for something else.
   */
  default int passThreads(int available) {
    return available;
  }

  @Override
  void close();
}
