package dev.crossencoder.benchmark.worker;

import dev.crossencoder.model.TextPair;

/**
 * A pair in a job.
 *
 * @param index the index of the pair
 * @param intendedNanos the scheduled arrival, by {@link System#nanoTime}
 */
public record Arrival(int index, long intendedNanos, TextPair pair) {
  /** Without the texts. */
  @Override
  public String toString() {
    return "Arrival[" + index + "]";
  }
}
