package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Arrays;

/** Checks that all figures of this package share. */
final class Gold {
  private Gold() {}

  /**
   * Checks the number of pairs.
   *
   * @throws InvalidDataException if there is no pair
   * @throws IllegalArgumentException if the numbers differ
   */
  static void check(int gold, int found) {
    if (gold != found) {
      throw new IllegalArgumentException(
          "Cannot compare %,d gold values with %,d values of the model. There must be one for each."
              .formatted(gold, found));
    }
    if (gold == 0) {
      throw new InvalidDataException("Cannot evaluate, there is no pair.");
    }
  }

  /**
   * Checks that numbers are finite.
   *
   * @param what the numbers, for the message
   * @throws InvalidDataException if a number is NaN or infinite
   */
  static void checkFinite(double[] values, String what) {
    long others = Arrays.stream(values).filter(value -> !Double.isFinite(value)).count();
    if (others > 0) {
      throw new InvalidDataException(
          "Cannot evaluate, %,d of %,d %s are NaN or infinite."
              .formatted(others, values.length, what));
    }
  }
}
