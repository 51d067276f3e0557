package dev.crossencoder.model.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The forward passes into which a CPU divides a batch. Each pass computes some consecutive pairs.
 * Pairs do not attend to each other, so a batch may be divided between any two pairs. A small pass
 * has two advantages: its activations stay in the cache from one layer to the next, and passes with
 * one thread each run concurrently without the barrier that ends each operation of a multi-threaded
 * pass.
 *
 * @param passes in the order of the pairs
 * @param threadsPerPass the number of threads of each pass
 */
record PassPlan(List<Pass> passes, int threadsPerPass) {
  /**
   * The largest number of rows of a pass with more than one pair. Matrix products of this many rows
   * reach full speed, and the result fits into the cache of a core.
   */
  static final int MAX_ROWS = 256;

  private static final int STEP = 16;
  private static final int STEPS_PER_DOUBLING = 16;

  /** The time per token of a pass with several threads, where a pass with one thread takes 1. */
  private static final double SHARED_PASS_COST = 1.2;

  /**
   * One forward pass.
   *
   * @param first the index of the first pair
   * @param end the index behind the last pair
   * @param tokens the number of tokens of the pairs
   */
  record Pass(int first, int end, int tokens) {
    /**
     * The number of tokens, rounded up to a multiple of 16, or of 1/16 of the power of two below if
     * that is more. Rounding makes numbers repeat: oneDNN compiles and caches kernels for each
     * number of rows.
     */
    int repeatedRows() {
      int step = Math.max(STEP, Integer.highestOneBit(tokens - 1) / STEPS_PER_DOUBLING);
      return (tokens + step - 1) / step * step;
    }
  }

  /**
   * Plans the passes of a batch: concurrent passes with one thread each if they balance well
   * enough, otherwise passes that share threads, one after the other.
   *
   * @param offsets {@code [n + 1]}: the index of each pair's first token, and the number of tokens
   * @param threads the number of available threads
   * @param sharing the number of threads that a single pass can use; 1 if passes cannot share
   *     threads
   */
  static PassPlan of(long[] offsets, int threads, int sharing) {
    long tokens = offsets[offsets.length - 1];
    long rowsPerPass = Math.min(MAX_ROWS, (tokens + threads - 1) / threads);
    List<Pass> passes = divide(offsets, rowsPerPass);
    if (sharing > 1 && longestShare(passes, threads) > SHARED_PASS_COST * tokens / sharing) {
      return new PassPlan(divide(offsets, MAX_ROWS), sharing);
    }
    return new PassPlan(passes, 1);
  }

  /**
   * Divides a batch into passes of about equally many rows. A pair with more rows is a pass of its
   * own.
   */
  private static List<Pass> divide(long[] offsets, long rowsPerPass) {
    List<Pass> passes = new ArrayList<>();
    int pairs = offsets.length - 1;
    int parts = Math.toIntExact((offsets[pairs] + rowsPerPass - 1) / rowsPerPass);
    int first = 0;
    for (int part = 1; first < pairs; part++) {
      long goal = part < parts ? offsets[pairs] * part / parts : offsets[pairs];
      int end = first + 1;
      while (end < pairs
          && offsets[end + 1] - offsets[first] <= MAX_ROWS
          && Math.abs(offsets[end + 1] - goal) <= Math.abs(offsets[end] - goal)) {
        end++;
      }
      passes.add(new Pass(first, end, Math.toIntExact(offsets[end] - offsets[first])));
      first = end;
    }
    return passes;
  }

  /**
   * The largest number of rows that one thread computes if each thread takes the next pass as soon
   * as it is idle.
   */
  private static long longestShare(List<Pass> passes, int threads) {
    long[] busy = new long[threads];
    for (Pass pass : passes) {
      int idle = 0;
      for (int i = 1; i < threads; i++) {
        if (busy[i] < busy[idle]) {
          idle = i;
        }
      }
      busy[idle] += pass.tokens();
    }
    long longest = 0;
    for (long rows : busy) {
      longest = Math.max(longest, rows);
    }
    return longest;
  }
}
