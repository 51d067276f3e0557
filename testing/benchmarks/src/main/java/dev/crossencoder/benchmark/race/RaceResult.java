package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.Sample.Percentiles;
import dev.crossencoder.benchmark.report.Environment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The result of the race with one model.
 *
 * @param command what measured this
 * @param model its name
 * @param description what the model is
 * @param pairs the number of different pairs
 * @param checkpointMillis the interval of Flink's checkpoints
 * @param saturation the highest rate of the others when records always wait
 * @param entries the contenders that ran, in the order of {@link Contender}
 * @param absent those that did not
 */
public record RaceResult(
    Environment environment,
    String command,
    String model,
    String description,
    int pairs,
    long checkpointMillis,
    double saturation,
    List<Entry> entries,
    List<Absent> absent) {

  /**
   * A contender.
   *
   * @param contender its key
   * @param setting how it was set up
   * @param tried the settings that ran
   * @param saturation outputs per second when records always wait, with this setting
   * @param sustainable the highest rate that was sustained, in records per second
   * @param search all rates that were tried for it
   * @param loads the fixed rates
   * @param burst the load with bursts; null if it was not offered
   * @param scoringBytes the peak memory of TaskManager, Python workers and servers
   * @param allBytes the same with the JobManager
   * @param scores the comparison with this project's scores; null if there is none
   * @param kills what became of records when a process was killed
   */
  public record Entry(
      String contender,
      String setting,
      List<Tried> tried,
      double saturation,
      double sustainable,
      List<Load> search,
      List<Load> loads,
      Load burst,
      long scoringBytes,
      long allBytes,
      Scores scores,
      List<Kill> kills) {
    Contender which() {
      return Contender.parse(contender);
    }

    /** Returns the load that was offered at a share of the others' highest saturation. */
    Optional<Load> load(double share) {
      return loads.stream().filter(load -> load.share() == share).findFirst();
    }
  }

  /** A setting with the outputs per second when records always wait; 0 if it did not run. */
  public record Tried(String setting, double rate) {}

  /**
   * A load.
   *
   * @param share of the others' highest saturation; 0 in the search
   * @param offered records per second
   * @param achieved outputs per second
   * @param sustained whether the contender kept up
   * @param millis the latencies from the intended time
   */
  public record Load(
      double share, double offered, double achieved, boolean sustained, Percentiles millis) {}

  /**
   * A comparison of scores.
   *
   * @param compared the number of pairs that both scored
   * @param largest the largest difference, divided by max(1, |score|)
   */
  public record Scores(int compared, double largest) {
    /** The largest difference that is allowed. */
    public static final double TOLERANCE = 1e-4;
  }

  /**
   * An experiment: one process is killed with SIGKILL while records are sent.
   *
   * @param victim the process
   * @param sent the number of records
   * @param lost those without a committed output
   * @param doubled committed outputs after the first one of a record
   * @param gapSeconds the longest time without an output
   * @param failure why it could not be finished; null if it was
   */
  public record Kill(
      String victim, int sent, int lost, int doubled, double gapSeconds, String failure) {}

  /** A contender that did not run, with the reason. */
  public record Absent(String contender, String reason) {}

  /** Returns the best other contender: the one with the highest sustainable rate. */
  Optional<Entry> bestOther() {
    return entries.stream()
        .filter(entry -> !entry.which().isOurs())
        .filter(entry -> entry.sustainable() > 0)
        .max(Comparator.comparingDouble(Entry::sustainable));
  }

  Optional<Entry> ours() {
    return entries.stream().filter(entry -> entry.which() == Contender.OURS).findFirst();
  }
}
