package dev.crossencoder.benchmark.race;

/**
 * How long the parts of a race take.
 *
 * @param warmUpSeconds records always wait before the first measurement of a job
 * @param closedSeconds a job that always has records waiting
 * @param loadSeconds a fixed rate
 * @param steps the rates of the search
 * @param killSeconds how long records are sent around a kill
 */
public record RaceTimes(
    int warmUpSeconds, int closedSeconds, int loadSeconds, int steps, int killSeconds) {
  /** A measurement. */
  public static final RaceTimes FULL = new RaceTimes(8, 12, 14, 4, 30);

  /** A trial run. */
  public static final RaceTimes QUICK = new RaceTimes(4, 4, 6, 2, 15);
}
