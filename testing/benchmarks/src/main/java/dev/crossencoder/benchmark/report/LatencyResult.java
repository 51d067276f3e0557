package dev.crossencoder.benchmark.report;

import java.util.List;

/**
 * How long a pair takes through the operator when pairs arrive at random, from the time at which it
 * was meant to arrive.
 *
 * @param saturation pairs per second of the operator when its input is always full
 * @param lone milliseconds of a forward pass of one pair alone, over all pairs
 * @param points one for each load and round
 * @param loop the same without Flink, at the load that has a bar: a loop that waits for the next
 *     pair, tokenizes it and scores it alone, with the same arrivals. What a pair takes there is
 *     what waiting for others and coming out of rest cost whoever scores it.
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
   * One load for some time.
   *
   * @param load offered, as a share of saturation
   * @param seconds for which pairs were offered
   * @param millis from the intended arrival to the result
   * @param toLone the same, over the pair's own lone forward pass
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
