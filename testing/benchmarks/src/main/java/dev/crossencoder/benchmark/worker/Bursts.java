package dev.crossencoder.benchmark.worker;

/**
 * Finds where a clock may start among results that come in bursts, one for each forward pass: a
 * clock that starts within a burst gets the rest of it for nothing.
 */
final class Bursts {
  /** At least one forward pass ends among so many results. */
  private static final int WINDOW = 64;

  private Bursts() {}

  /**
   * Returns the first result of a burst, soon after the warm-up: the one before which there was the
   * longest pause. The clock starts with the result before it.
   *
   * @param times at which results came, in order
   * @param warmUp how many results come before those that may be measured, at least 1
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
