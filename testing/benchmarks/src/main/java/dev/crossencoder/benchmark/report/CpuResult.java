package dev.crossencoder.benchmark.report;

import java.util.List;

/** The CPU time of a process per pair. */
public record CpuResult(
    Environment environment, String model, String workload, int pairs, List<Round> rounds) {
  /**
   * CPU microseconds per pair in one round.
   *
   * @param operator the operator in a job with an input that is always full
   * @param score {@code CrossEncoder.score}
   * @param forward forward passes only, with tokenized pairs in batches in arrival order
   */
  public record Round(double operator, double score, double forward) {}
}
