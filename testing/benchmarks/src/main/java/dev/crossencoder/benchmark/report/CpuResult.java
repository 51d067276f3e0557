package dev.crossencoder.benchmark.report;

import java.util.List;

/** CPU time of a process for each pair. */
public record CpuResult(
    Environment environment, String model, String workload, int pairs, List<Round> rounds) {
  /**
   * CPU microseconds per pair in one round.
   *
   * @param operator in a job with an input that is always full
   * @param score {@code CrossEncoder.score}
   * @param forward forward passes alone, of pairs with tokens, in batches in arrival order
   */
  public record Round(double operator, double score, double forward) {}
}
