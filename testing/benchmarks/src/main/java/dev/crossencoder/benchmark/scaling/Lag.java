package dev.crossencoder.benchmark.scaling;

import java.util.ArrayList;
import java.util.List;

/** The lag of a consumer over time, and its trend. Owned by one thread. */
final class Lag {
  private final List<double[]> samples = new ArrayList<>();

  void add(double seconds, double records) {
    samples.add(new double[] {seconds, records});
  }

  /** Returns the slope in records per second: that of the line with the least squares. */
  double perSecond() {
    double meanSeconds = samples.stream().mapToDouble(sample -> sample[0]).average().orElseThrow();
    double meanRecords = samples.stream().mapToDouble(sample -> sample[1]).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (double[] sample : samples) {
      products += (sample[0] - meanSeconds) * (sample[1] - meanRecords);
      squares += (sample[0] - meanSeconds) * (sample[0] - meanSeconds);
    }
    if (squares == 0) {
      throw new IllegalStateException(
          "Cannot compute a trend of %d samples.".formatted(samples.size()));
    }
    return products / squares;
  }
}
