package dev.crossencoder.benchmark.report;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** All results. Sections that were not measured are empty. */
record Results(
    List<ThroughputResult> throughput,
    Optional<LimitResult> limit,
    Optional<PipelineResult> pipeline,
    Optional<LatencyResult> latency,
    Optional<CpuResult> cpu,
    Optional<EnduranceResult> endurance,
    Optional<ColdStartResult> coldStart) {
  static Results read(ResultFiles files) throws IOException {
    return new Results(
        files.throughput(),
        files.limit(),
        files.pipeline(),
        files.latency(),
        files.cpu(),
        files.endurance(),
        files.coldStart());
  }

  /** Finds a comparison. */
  Optional<ThroughputResult> comparison(String workload, String model) {
    return throughput.stream()
        .filter(result -> result.workload().equals(workload) && result.model().equals(model))
        .findFirst();
  }
}
