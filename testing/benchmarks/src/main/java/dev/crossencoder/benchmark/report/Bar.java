package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Locale;

/**
 * A requirement for a measured number.
 *
 * @param what the description of the number
 * @param must the required value
 * @param goal the desired value
 * @param unit the format, and whether higher values are better
 * @param rounds the measured values; empty if there are none
 */
public record Bar(String what, double must, double goal, Unit unit, List<Double> rounds) {
  /** The format of a number, and whether higher or lower values are better. */
  public enum Unit {
    /** A ratio; higher is better. */
    AT_LEAST,
    /** A ratio; lower is better. */
    AT_MOST,
    /** A share; higher is better. */
    PERCENT_AT_LEAST,
    /** A size in megabytes; lower is better. */
    MEGABYTES_AT_MOST;

    public String text(double value) {
      return switch (this) {
        case AT_LEAST, AT_MOST -> String.format(Locale.ROOT, "%.2f", value);
        case PERCENT_AT_LEAST -> String.format(Locale.ROOT, "%.0f %%", 100 * value);
        case MEGABYTES_AT_MOST -> String.format(Locale.ROOT, "%.0f MB", value);
      };
    }

    boolean meets(double value, double bar) {
      return switch (this) {
        case AT_LEAST, PERCENT_AT_LEAST -> value >= bar;
        case AT_MOST, MEGABYTES_AT_MOST -> value <= bar;
      };
    }
  }

  /** Returns the median with minimum and maximum, or a text that there is none. */
  public String measured() {
    if (rounds.isEmpty()) {
      return "–";
    }
    Summary summary = Summary.of(rounds);
    String median = unit.text(summary.median());
    return rounds.size() == 1
        ? median
        : "%s (%s–%s)".formatted(median, unit.text(summary.min()), unit.text(summary.max()));
  }

  /** Returns whether the median meets the goal, the requirement, or neither. */
  public String verdict() {
    if (rounds.isEmpty()) {
      return "not measured";
    }
    double median = Summary.median(rounds);
    if (unit.meets(median, goal)) {
      return "goal met";
    }
    return unit.meets(median, must) ? "met" : "**missed**";
  }
}
