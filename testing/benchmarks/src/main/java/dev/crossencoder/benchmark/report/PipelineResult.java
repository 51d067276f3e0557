package dev.crossencoder.benchmark.report;

import java.util.List;

/** The model alone, the operator in a job from a collection, and the whole job through Kafka. */
public record PipelineResult(
    Environment environment, String model, String workload, int pairs, List<Round> rounds) {
  /** Pairs per second of each side in one round. */
  public record Round(double alone, double operator, double job) {}
}
