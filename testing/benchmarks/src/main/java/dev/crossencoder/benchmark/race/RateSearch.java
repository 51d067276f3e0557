package dev.crossencoder.benchmark.race;

/**
 * Looks for the highest sustainable rate by bisection, from an estimate. As long as no rate was too
 * high, the steps up become larger. Owned by one thread.
 *
 * <pre>{@code
 * while (search.goesOn()) {
 *   search.note(sustained(search.rate()));
 * }
 * }</pre>
 */
final class RateSearch {
  private static final double FIRST = 0.92;
  private static final double UP = 1.15;
  private static final double MOST_UP = 1.75;
  private static final double DOWN = 0.75;
  private static final double RESOLUTION = 1.04;

  private final int steps;
  private double up = UP;
  private double rate;
  private double sustained;
  private double failed = Double.POSITIVE_INFINITY;
  private int step;

  /**
   * Creates a search.
   *
   * @param estimate the rate of a job that always has records waiting
   * @param steps the maximum number of rates
   */
  RateSearch(double estimate, int steps) {
    this.rate = FIRST * estimate;
    this.steps = steps;
  }

  /** Returns whether another rate is to be tried. */
  boolean goesOn() {
    return step < steps && failed > RESOLUTION * sustained;
  }

  /** The rate to try. */
  double rate() {
    return rate;
  }

  /** Notes whether the rate was sustained. */
  void note(boolean held) {
    step++;
    if (held) {
      sustained = rate;
    } else {
      failed = rate;
    }
    if (failed == Double.POSITIVE_INFINITY) {
      rate = up * sustained;
      up = Math.min(MOST_UP, up * up);
    } else if (sustained == 0) {
      rate = DOWN * failed;
    } else {
      rate = Math.sqrt(sustained * failed);
    }
  }

  /** Returns the highest rate that was sustained; 0 if none was. */
  double sustained() {
    return sustained;
  }
}
