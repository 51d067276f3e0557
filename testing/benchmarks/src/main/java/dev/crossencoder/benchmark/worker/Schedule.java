package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The scheduled arrival of each pair, in nanoseconds from the start of the source. If the operator
 * is full, a pair is emitted later, but its latency is measured from the scheduled time.
 */
public final class Schedule implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] nanos;

  private Schedule(long[] nanos) {
    this.nanos = nanos;
  }

  /** Returns a schedule with all pairs at the start, so that the input is always full. */
  static Schedule full(int count) {
    return new Schedule(new long[count]);
  }

  /**
   * Returns a Poisson process: the times between arrivals are exponentially distributed.
   *
   * @param warmUp the number of pairs that arrive at 0, before all others
   * @param startSeconds the start of the others
   * @param seconds the duration of their arrivals
   */
  public static Schedule poisson(
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

  /** Like {@link #poisson(int, double, double, double, long)}, with the parameters of a request. */
  static Schedule poisson(JsonNode request) {
    return poisson(
        request.path("warmUp").intValue(),
        request.path("startSeconds").doubleValue(),
        request.path("pairsPerSecond").doubleValue(),
        request.path("seconds").doubleValue(),
        request.path("seed").longValue());
  }

  public int size() {
    return nanos.length;
  }

  public long nanos(int index) {
    return nanos[index];
  }
}
