package dev.crossencoder.benchmark.race;

import java.util.stream.LongStream;

/** When the records of a load are sent, in nanoseconds from its start. */
final class LoadSchedule {
  /** The shares between bursts and in them. */
  static final double BASE = 0.5;

  static final double BURST = 1.5;
  static final int BURST_SECONDS = 2;
  static final int EVERY_SECONDS = 10;

  /** The mean share of a load with bursts. */
  static final double MEAN_SHARE = BASE + (BURST - BASE) * BURST_SECONDS / EVERY_SECONDS;

  private static final int PERIODS = 2;

  /** When the burst of a period begins: after the warm-up, and early enough that it is over. */
  private static final int BEGIN_SECONDS = 5;

  private static final int MIN_RECORDS = 8;

  private LoadSchedule() {}

  /** Returns a constant rate, in records per second. */
  static long[] constant(double rate, int seconds) {
    long count = Math.max(MIN_RECORDS, (long) (rate * seconds));
    return LongStream.range(0, count).map(i -> (long) (1e9 * i / rate)).toArray();
  }

  /** Returns two periods, each with a burst, at shares of a rate. */
  static long[] bursts(double rate) {
    LongStream.Builder offsets = LongStream.builder();
    double time = 0;
    while (time < PERIODS * EVERY_SECONDS) {
      offsets.add((long) (1e9 * time));
      double phase = time % EVERY_SECONDS;
      boolean inBurst = phase >= BEGIN_SECONDS && phase < BEGIN_SECONDS + BURST_SECONDS;
      time += 1 / (rate * (inBurst ? BURST : BASE));
    }
    return offsets.build().toArray();
  }
}
