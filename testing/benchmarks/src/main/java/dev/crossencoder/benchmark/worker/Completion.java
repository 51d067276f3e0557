package dev.crossencoder.benchmark.worker;

import java.io.Serializable;

/**
 * A pair that came out of a job.
 *
 * @param index the how manyth pair it is
 * @param intendedNanos when it was meant to arrive
 * @param nanos when it came out, on the same clock
 * @param cpuNanos what the process had used by then
 */
record Completion(int index, long intendedNanos, long nanos, long cpuNanos, float[] logits)
    implements Serializable {}
