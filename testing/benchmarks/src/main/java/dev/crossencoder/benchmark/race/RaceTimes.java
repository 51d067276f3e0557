package dev.crossencoder.benchmark.race;

/**
 * How long the parts of a race take.
 *
 * @param warmUpSeconds records always wait before a setting is measured, or a process is killed
 * @param raceWarmUpSeconds records always wait before the search for the sustainable rate: the
 *     virtual machines compile their code
 * @param closedSeconds a job that always has records waiting
 * @param loadSeconds a fixed rate
 * @param halfLoadSeconds the rate at which latencies are compared
 * @param steps the rates of the search
 * @param killSeconds how long records are sent around a kill
 */
public record RaceTimes(
    int warmUpSeconds,
    int raceWarmUpSeconds,
    int closedSeconds,
    int loadSeconds,
    int halfLoadSeconds,
    int steps,
    int killSeconds) {
  /** A measurement. */
  public static final RaceTimes FULL = new RaceTimes(10, 40, 10, 14, 40, 8, 30);

  /** A trial run. */
  public static final RaceTimes QUICK = new RaceTimes(4, 4, 4, 6, 6, 2, 15);
}
