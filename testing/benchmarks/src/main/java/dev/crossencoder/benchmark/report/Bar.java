package dev.crossencoder.benchmark.report;

import java.util.List;
import java.util.Locale;

/**
 * What is asked of a number, and what it was.
 *
 * @param what the number is
 * @param must what it has to be
 * @param goal what it should be
 * @param unit how it is printed, and whether more is better
 * @param rounds what was measured; empty if it was not
 */
record Bar(String what, double must, double goal, Unit unit, List<Double> rounds) {
  /** How a number is printed, and which side of the bar is the good one. */
  enum Unit {
    /** A ratio that should be large. */
    AT_LEAST,
    /** A ratio that should be small. */
    AT_MOST,
    /** A share that should be large. */
    PERCENT_AT_LEAST,
    /** Megabytes that should be few. */
    MEGABYTES_AT_MOST;

    String text(double value) {
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

  /** Median with minimum and maximum, or that there is none. */
  String measured() {
    if (rounds.isEmpty()) {
      return "–";
    }
    Summary summary = Summary.of(rounds);
    String median = unit.text(summary.median());
    return rounds.size() == 1
        ? median
        : "%s (%s–%s)".formatted(median, unit.text(summary.min()), unit.text(summary.max()));
  }

  /** Whether the median meets goal or bar. */
  String verdict() {
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
