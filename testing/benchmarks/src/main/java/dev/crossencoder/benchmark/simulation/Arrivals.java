package dev.crossencoder.benchmark.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The times at which pairs arrive, at a mean rate of 1.
 *
 * @param name what the process is
 * @param recorded whether it was recorded
 * @param times ascending
 */
public record Arrivals(String name, boolean recorded, double[] times) {
  private static final double NANOS = 1e9;

  /** Returns a Poisson process. */
  public static Arrivals poisson(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] times = new double[count];
    double time = 0;
    for (int i = 0; i < count; i++) {
      time -= Math.log(1 - random.nextDouble());
      times[i] = time;
    }
    return new Arrivals("Poisson", false, times);
  }

  /**
   * Reads a trace: a header, and lines that begin with a date, a blank and a time, up to a comma.
   *
   * @throws IllegalArgumentException if there are not at least two arrivals
   */
  public static Arrivals read(String name, Path file) throws IOException {
    List<LocalDateTime> dates =
        Files.readAllLines(file).stream()
            .skip(1)
            .filter(line -> !line.isBlank())
            .map(line -> line.split(",", 2)[0].strip().replace(' ', 'T'))
            .map(LocalDateTime::parse)
            .sorted()
            .toList();
    if (dates.size() < 2) {
      throw new IllegalArgumentException(
          "Invalid trace %s: %d arrivals. It must have at least 2.".formatted(file, dates.size()));
    }
    double[] times =
        dates.stream()
            .mapToDouble(date -> Duration.between(dates.get(0), date).toNanos() / NANOS)
            .toArray();
    double mean = times[times.length - 1] / (times.length - 1);
    return new Arrivals(name, true, Arrays.stream(times).map(time -> time / mean).toArray());
  }

  /** Returns the times in milliseconds at a rate. */
  double[] millis(double perSecond) {
    return Arrays.stream(times).map(time -> 1e3 * time / perSecond).toArray();
  }
}
