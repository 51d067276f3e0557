package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * When each pair is meant to arrive, in nanoseconds from the start of the source. A pair that finds
 * the operator full is late, and its latency counts from here all the same.
 */
final class Schedule implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] nanos;

  private Schedule(long[] nanos) {
    this.nanos = nanos;
  }

  /** All pairs at once, so that the input is always full. */
  static Schedule full(int count) {
    return new Schedule(new long[count]);
  }

  /**
   * Pairs that arrive independently of each other at a constant rate: the time from one to the next
   * is exponentially distributed.
   *
   * @param warmUp how many pairs arrive at 0, before all others
   * @param startSeconds when the others begin
   * @param seconds for how long they arrive
   */
  static Schedule poisson(
      int warmUp, double startSeconds, double pairsPerSecond, double seconds, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] nanos = new long[warmUp + 16];
    int count = warmUp;
    double time = -Math.log(1 - random.nextDouble()) / pairsPerSecond;
    while (time < seconds) {
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = (long) (1e9 * (startSeconds + time));
      time -= Math.log(1 - random.nextDouble()) / pairsPerSecond;
    }
    return new Schedule(Arrays.copyOf(nanos, count));
  }

  /** As {@link #poisson(int, double, double, double, long)}, from a request to a worker. */
  static Schedule poisson(JsonNode request) {
    return poisson(
        request.path("warmUp").intValue(),
        request.path("startSeconds").doubleValue(),
        request.path("pairsPerSecond").doubleValue(),
        request.path("seconds").doubleValue(),
        request.path("seed").longValue());
  }

  int size() {
    return nanos.length;
  }

  long nanos(int index) {
    return nanos[index];
  }
}
