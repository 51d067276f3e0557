package dev.crossencoder.benchmark.simulation;

/**
 * The measured time of a forward pass by its number of tokens, with linear interpolation.
 *
 * @param tokens ascending
 * @param alone milliseconds on one core, while the other one is idle
 * @param beside milliseconds on one core, while the other one computes the same
 * @param shared milliseconds on both cores
 */
public record PassCost(double[] tokens, double[] alone, double[] beside, double[] shared) {
  public PassCost {
    if (tokens.length < 2
        || alone.length != tokens.length
        || beside.length != tokens.length
        || shared.length != tokens.length) {
      throw new IllegalArgumentException(
          "Invalid costs: %d, %d and %d times for %d numbers of tokens. There must be at least 2, and a time for each."
              .formatted(alone.length, beside.length, shared.length, tokens.length));
    }
  }

  /** Returns the milliseconds on one core while the other one is idle. */
  double alone(double count) {
    return at(alone, count);
  }

  /** Returns the milliseconds on one core while the other one is busy. */
  double beside(double count) {
    return at(beside, count);
  }

  /** Returns the milliseconds on both cores. */
  double shared(double count) {
    return at(shared, count);
  }

  private double at(double[] millis, double count) {
    int above = 1;
    while (above < tokens.length - 1 && tokens[above] < count) {
      above++;
    }
    double slope = (millis[above] - millis[above - 1]) / (tokens[above] - tokens[above - 1]);
    return Math.max(millis[0] / 2, millis[above - 1] + slope * (count - tokens[above - 1]));
  }
}
