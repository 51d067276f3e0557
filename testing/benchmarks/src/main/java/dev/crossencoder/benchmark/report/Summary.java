package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Locale;

/** The median of several rounds, with their smallest and largest value. */
public record Summary(double median, double min, double max) {
  /**
   * Summarises the values of several rounds.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Summary of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("Cannot summarise no values");
    }
    double[] sorted = sorted(values);
    return new Summary(middle(sorted), sorted[0], sorted[sorted.length - 1]);
  }

  /** The middle value, or the mean of the two in the middle. */
  public static double median(List<Double> values) {
    return of(values).median();
  }

  /**
   * The smallest value that at least a share of the values does not exceed.
   *
   * @param share from 0 to 1
   */
  public static double percentile(List<Double> values, double share) {
    double[] sorted = sorted(values);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
  }

  private static double middle(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static double[] sorted(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  /** Prints the median, and minimum and maximum in brackets if they differ from it. */
  public String text() {
    String middle = number(median);
    return min == max ? middle : "%s (%s–%s)".formatted(middle, number(min), number(max));
  }

  /** Prints a number with three or more significant digits. */
  public static String number(double value) {
    double magnitude = Math.abs(value);
    if (magnitude >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, magnitude >= 10 ? "%.1f" : "%.2f", value);
  }
}
