package dev.crossencoder.model.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * How a CPU works off a batch: as forward passes over some of its pairs each. No pair reads
 * another, so a batch may be cut anywhere; a part of it stays in the cache from one layer to the
 * next, and parts that run side by side, one thread each, never wait for each other as the threads
 * of one pass do after every operation.
 *
 * @param passes in the pairs' order
 * @param threadsPerPass how many threads each pass uses
 */
record PassPlan(List<Pass> passes, int threadsPerPass) {
  /** Products of this many rows are as fast as any, and what they make fits into a core's cache. */
  static final int MAX_ROWS = 256;

  private static final int STEP = 16;
  private static final int STEPS_PER_DOUBLING = 16;

  /** What a pass of several threads takes for each token, where one alone takes 1. */
  private static final double SHARED_PASS_COST = 1.2;

  /**
   * Some consecutive pairs.
   *
   * @param first of the pairs
   * @param end behind the last one
   * @param rows how many tokens to compute: some more than the pairs have, so that numbers repeat.
   *     oneDNN compiles kernels for each number, and keeps them.
   */
  record Pass(int first, int end, int rows) {}

  /**
   * Plans a batch.
   *
   * @param offsets {@code [n + 1]}: where each pair starts, and how many tokens there are
   * @param threads how many threads there are
   */
  static PassPlan of(long[] offsets, int threads) {
    long tokens = offsets[offsets.length - 1];
    long most = Math.min(MAX_ROWS, (tokens + threads - 1) / threads);
    List<Pass> passes = cut(offsets, most);
    if (threads > 1 && longestShare(passes, threads) > SHARED_PASS_COST * tokens / threads) {
      return new PassPlan(cut(offsets, MAX_ROWS), threads);
    }
    return new PassPlan(passes, 1);
  }

  /** Cuts where a part comes nearest to its share; a pair above it is alone. */
  private static List<Pass> cut(long[] offsets, long most) {
    List<Pass> passes = new ArrayList<>();
    int pairs = offsets.length - 1;
    int parts = Math.toIntExact((offsets[pairs] + most - 1) / most);
    int first = 0;
    for (int part = 1; first < pairs; part++) {
      long goal = part < parts ? offsets[pairs] * part / parts : offsets[pairs];
      int end = first + 1;
      while (end < pairs
          && offsets[end + 1] - offsets[first] <= MAX_ROWS
          && Math.abs(offsets[end + 1] - goal) <= Math.abs(offsets[end] - goal)) {
        end++;
      }
      passes.add(new Pass(first, end, roundUp(Math.toIntExact(offsets[end] - offsets[first]))));
      first = end;
    }
    return passes;
  }

  /** The most rows that one thread gets if each takes the next pass when it is done with one. */
  private static long longestShare(List<Pass> passes, int threads) {
    long[] busy = new long[threads];
    for (Pass pass : passes) {
      int idle = 0;
      for (int i = 1; i < threads; i++) {
        if (busy[i] < busy[idle]) {
          idle = i;
        }
      }
      busy[idle] += pass.rows();
    }
    long longest = 0;
    for (long rows : busy) {
      longest = Math.max(longest, rows);
    }
    return longest;
  }

  /** To multiples of 16, and of a 16th of the power of two below where that is more. */
  private static int roundUp(int tokens) {
    int step = Math.max(STEP, Integer.highestOneBit(tokens - 1) / STEPS_PER_DOUBLING);
    return (tokens + step - 1) / step * step;
  }
}
