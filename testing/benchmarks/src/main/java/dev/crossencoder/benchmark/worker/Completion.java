package dev.crossencoder.benchmark.worker;

import java.io.Serializable;

/**
 * A completed pair.
 *
 * @param index the index of the pair
 * @param intendedNanos the scheduled arrival
 * @param nanos the completion time, on the same clock
 * @param cpuNanos the CPU time of the process at the completion
 */
record Completion(int index, long intendedNanos, long nanos, long cpuNanos, float[] logits)
    implements Serializable {}
