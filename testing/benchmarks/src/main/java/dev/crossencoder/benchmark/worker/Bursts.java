package dev.crossencoder.benchmark.worker;

/**
 * Finds a valid start of a measurement among results that arrive in bursts, one for each forward
 * pass. A start within a burst would count results whose forward pass was not measured.
 */
final class Bursts {
  /** A number of results that contains the end of at least one forward pass. */
  private static final int WINDOW = 64;

  private Bursts() {}

  /**
   * Returns the index of the first result of a burst soon after the warm-up: the result after the
   * longest pause. The measurement starts with the result before it.
   *
   * @param times the arrival times of results, in order
   * @param warmUp the number of results before the measured ones, at least 1
   */
  static int firstAfter(long[] times, int warmUp) {
    if (times.length < 2 * warmUp) {
      throw new IllegalStateException(
          "Cannot measure, only %d results came after a warm-up of %d."
              .formatted(Math.max(0, times.length - warmUp), warmUp));
    }
    int first = warmUp;
    for (int i = warmUp; i < Math.min(times.length, warmUp + WINDOW); i++) {
      if (times[i] - times[i - 1] > times[first] - times[first - 1]) {
        first = i;
      }
    }
    return first;
  }
}
