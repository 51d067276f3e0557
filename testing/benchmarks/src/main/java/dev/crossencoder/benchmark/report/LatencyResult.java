package dev.crossencoder.benchmark.report;

import java.util.List;

/**
 * The latency of the operator with random arrivals, measured from the scheduled arrival of each
 * pair.
 *
 * @param saturation the pairs per second of the operator when its input is always full
 * @param lone the milliseconds of a forward pass with a single pair, over all pairs
 * @param points one for each load and round
 * @param loop the latency without Flink at the load of the requirement, with the same arrivals: a
 *     loop that waits for the next pair, tokenizes it and scores it alone. This is the part of the
 *     latency that is due to queueing and to waking idle threads.
 */
public record LatencyResult(
    Environment environment,
    String model,
    String workload,
    double saturation,
    Percentiles lone,
    List<Point> points,
    List<Point> loop) {
  /** Over pairs. */
  public record Percentiles(double p50, double p95, double p99, double max) {}

  /**
   * The latency at one load.
   *
   * @param load the offered load as a share of saturation
   * @param seconds the time for which pairs were offered
   * @param millis the time from the scheduled arrival to the result
   * @param toLone that time divided by the time of the pair's forward pass alone
   */
  public record Point(
      double load,
      int round,
      double pairsPerSecond,
      double seconds,
      long pairs,
      Percentiles millis,
      Percentiles toLone) {}
}
