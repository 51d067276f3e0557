package dev.crossencoder.benchmark.report;

import java.util.List;

/**
 * Throughput and memory of {@code CrossEncoder} with many pairs, in a process with a small heap.
 *
 * @param heap the limit, as given to the JVM
 * @param weightBytes of the model's tensors
 */
public record EnduranceResult(
    Environment environment,
    String model,
    String workload,
    int pairs,
    String heap,
    long weightBytes,
    List<Run> runs) {
  /**
   * One process.
   *
   * @param windowTokensPerSecond the tokens per second of consecutive windows with the same number
   *     of pairs. Tokens without padding, because the pairs of windows have different lengths.
   * @param anonymousPeakBytes the maximum of {@code RssAnon} at the ends of windows
   * @param peakBytes {@code VmHWM} at the end
   */
  public record Run(List<Double> windowTokensPerSecond, long anonymousPeakBytes, long peakBytes) {
    /**
     * Returns the median rate of the last fifth of the windows divided by that of the first fifth.
     */
    public double lastToFirstFifth() {
      int fifth = Math.max(1, windowTokensPerSecond.size() / 5);
      int size = windowTokensPerSecond.size();
      return Summary.median(windowTokensPerSecond.subList(size - fifth, size))
          / Summary.median(windowTokensPerSecond.subList(0, fifth));
    }
  }
}
