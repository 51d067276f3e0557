package dev.crossencoder.benchmark.report;

import java.util.List;

/**
 * {@code CrossEncoder} alone over many pairs, in a process with a small heap.
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
   * @param windowTokensPerSecond of consecutive windows of equally many pairs. Real tokens, because
   *     windows have pairs of other lengths.
   * @param anonymousPeakBytes the largest {@code RssAnon} that was seen at a window's end
   * @param peakBytes {@code VmHWM} at the end
   */
  public record Run(List<Double> windowTokensPerSecond, long anonymousPeakBytes, long peakBytes) {
    /** The median rate of the last fifth of the windows over that of the first. */
    public double lastToFirstFifth() {
      int fifth = Math.max(1, windowTokensPerSecond.size() / 5);
      int size = windowTokensPerSecond.size();
      return Summary.median(windowTokensPerSecond.subList(size - fifth, size))
          / Summary.median(windowTokensPerSecond.subList(0, fifth));
    }
  }
}
