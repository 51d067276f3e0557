package dev.crossencoder.benchmark.worker;

import dev.crossencoder.model.TextPair;

/**
 * A pair on its way through a job.
 *
 * @param index the how manyth it is
 * @param intendedNanos when it was meant to arrive, on the clock of {@link System#nanoTime}
 */
public record Arrival(int index, long intendedNanos, TextPair pair) {
  /** Without the texts. */
  @Override
  public String toString() {
    return "Arrival[" + index + "]";
  }
}
