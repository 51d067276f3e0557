package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.RaceResult.Absent;
import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Tried;
import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Races with several models, on one broker. Results are written after each part. Used by one
 * thread.
 */
public final class RaceMeeting implements AutoCloseable {
  private final Site site;
  private final RaceFiles files;
  private final Broker broker;
  private final ProcessWatch watch = new ProcessWatch();

  private RaceMeeting(Site site, RaceFiles files, Broker broker) {
    this.site = site;
    this.files = files;
    this.broker = broker;
  }

  /**
   * What is done.
   *
   * @param contenders in their order
   * @param tune whether settings are compared; else the earlier comparison in the results is used
   * @param race whether rates and latencies are measured
   * @param kill whether processes are killed
   */
  public record Program(
      List<Contender> contenders, boolean tune, boolean race, boolean kill, RaceTimes times) {}

  /** Returns the environment, after a part has run. */
  @FunctionalInterface
  public interface Surroundings {
    /**
     * Returns it.
     *
     * @param ownCpuSeconds the CPU time of the descendants of this process
     */
    Environment environment(double ownCpuSeconds) throws IOException;
  }

  /** Starts the broker. */
  public static RaceMeeting open(Site site, RaceFiles files, Path folder)
      throws IOException, InterruptedException {
    return new RaceMeeting(site, files, Broker.start(folder));
  }

  /** Runs a race with one model, and returns the result. */
  public RaceResult run(
      RaceModel model,
      List<TextPair> pairs,
      Program program,
      String command,
      Surroundings surroundings)
      throws IOException, InterruptedException {
    RaceCourse course = new RaceCourse(site, model, pairs, program.times(), broker, watch);
    List<Contender> contenders = program.contenders();
    Optional<RaceResult> earlier =
        files.read(model.name(), surroundings.environment(0).processor());
    for (Contender contender : contenders) {
      course.qualify(contender, program.tune(), tried(earlier, contender));
    }
    RaceResult result = result(course, model, pairs, command, surroundings);
    if (!program.race()) {
      return result;
    }
    for (Contender contender : RaceCourse.reversed(contenders)) {
      course.race(contender);
      result = result(course, model, pairs, command, surroundings);
    }
    if (program.kill()) {
      for (Contender contender : contenders) {
        course.kill(contender);
        result = result(course, model, pairs, command, surroundings);
      }
    }
    return result;
  }

  private static List<Tried> tried(Optional<RaceResult> earlier, Contender contender) {
    return earlier.stream()
        .flatMap(result -> result.entries().stream())
        .filter(entry -> entry.contender().equals(contender.key()))
        .findFirst()
        .map(Entry::tried)
        .orElse(List.of());
  }

  private RaceResult result(
      RaceCourse course,
      RaceModel model,
      List<TextPair> pairs,
      String command,
      Surroundings surroundings)
      throws IOException {
    List<Absent> absent = course.absent();
    RaceResult result =
        new RaceResult(
            surroundings.environment(watch.descendantsCpuSeconds()),
            command,
            model.name(),
            model.description(),
            pairs.size(),
            site.checkpointMillis(),
            course.saturation(),
            course.entries(),
            absent);
    files.write(result);
    return result;
  }

  @Override
  public void close() {
    watch.close();
    broker.close();
  }
}
