package dev.crossencoder.benchmark.race;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What became of the records of one load.
 *
 * @param intendedMicros when each record was to be sent, in microseconds since the epoch, ascending
 * @param appendedMillis when the broker appended its first output, in milliseconds since the epoch;
 *     0 if there is none
 * @param endMicros the time of the last record
 */
record Sample(long[] intendedMicros, long[] appendedMillis, long endMicros) {
  /** The share of a load that is its warm-up, as in Crayfish. */
  static final double WARM_UP = 0.25;

  /** By how much the median latency may grow from the second quarter to the last one. */
  private static final double GROWTH = 1.5;

  private static final double GROWTH_MILLIS = 250;
  private static final double MIN_ACHIEVED = 0.98;

  /** How many seconds' worth of records may be in flight at the end beyond those before. */
  private static final double IN_FLIGHT_SECONDS = 0.25;

  /** Returns the number of outputs that were appended in a time, both in milliseconds. */
  long appendedBetween(long fromMillis, long toMillis) {
    return Arrays.stream(appendedMillis)
        .filter(millis -> millis >= fromMillis && millis < toMillis)
        .count();
  }

  private int first() {
    return (int) (WARM_UP * intendedMicros.length);
  }

  /** The latencies after the warm-up. Records without an output count as if it came now. */
  Percentiles percentiles() {
    Histogram histogram = new Histogram(3);
    for (int i = first(); i < intendedMicros.length; i++) {
      histogram.recordValue(Math.max(0, latencyMicros(i)));
    }
    return new Percentiles(
        histogram.getValueAtPercentile(50) / 1e3,
        histogram.getValueAtPercentile(95) / 1e3,
        histogram.getValueAtPercentile(99) / 1e3,
        histogram.getTotalCount());
  }

  private long latencyMicros(int i) {
    long end =
        appendedMillis[i] == 0
            ? TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis())
            : TimeUnit.MILLISECONDS.toMicros(appendedMillis[i]);
    return end - intendedMicros[i];
  }

  /** Returns the outputs per second between the end of the warm-up and the last record. */
  double achieved() {
    long from = intendedMicros[first()] / 1000;
    long to = endMicros / 1000;
    return 1e3 * appendedBetween(from, to) / Math.max(1, to - from);
  }

  /**
   * Returns whether the job kept up: all records have an output, latency does not grow, and after
   * the warm-up at least 98 % of the records came back while others were sent, apart from those of
   * a quarter of a second.
   *
   * @param planned the number of records that were to be sent; if fewer were, the job was given up
   */
  boolean sustained(int planned) {
    int count = intendedMicros.length;
    if (count < planned || Arrays.stream(appendedMillis).anyMatch(millis -> millis == 0)) {
      return false;
    }
    double second = median(count / 4, count / 2);
    double last = median(3 * count / 4, count);
    double seconds = (endMicros - intendedMicros[first()]) / 1e6;
    double offered = (count - first()) / seconds;
    double missing = (offered - achieved()) * seconds;
    return last <= GROWTH * second + GROWTH_MILLIS
        && missing <= (1 - MIN_ACHIEVED) * (count - first()) + IN_FLIGHT_SECONDS * offered;
  }

  private double median(int from, int to) {
    long[] latencies = new long[to - from];
    for (int i = from; i < to; i++) {
      latencies[i - from] = latencyMicros(i);
    }
    Arrays.sort(latencies);
    return latencies[latencies.length / 2] / 1e3;
  }

  /** Returns the longest time between two outputs, in seconds. */
  double longestGapSeconds() {
    long[] sorted = Arrays.stream(appendedMillis).filter(millis -> millis > 0).sorted().toArray();
    long longest = 0;
    for (int i = 1; i < sorted.length; i++) {
      longest = Math.max(longest, sorted[i] - sorted[i - 1]);
    }
    return longest / 1e3;
  }

  /**
   * Latencies in milliseconds.
   *
   * @param count of how many records
   */
  record Percentiles(double p50, double p95, double p99, long count) {}
}
