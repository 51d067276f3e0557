package dev.crossencoder.benchmark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Engines that took turns scoring the same pairs.
 *
 * @param model the model's size
 * @param pairs how many, per repeat
 * @param tokens real ones, per repeat
 * @param repeats how often each turn scored all pairs
 * @param reference the engine with whose logits the others' were compared
 * @param absent why an engine is missing, by its name
 */
public record ThroughputResult(
    Environment environment,
    String model,
    String workload,
    String workloadDescription,
    int pairs,
    long tokens,
    int repeats,
    String reference,
    List<Contender> contenders,
    Map<String, String> absent) {
  /**
   * One engine.
   *
   * @param settings what was chosen for it, such as a batch size; may be empty
   */
  public record Contender(
      String engine, String settings, List<Turn> turns, ScoreError error, Memory memory) {
    /** Whether the scores are close enough for the speed to count. */
    public boolean counts() {
      return Engines.int8(engine) || error.largest() <= ScoreError.TOLERANCE;
    }
  }

  /**
   * One engine's part of a round.
   *
   * @param cpuSeconds of the engine's process
   * @param otherCpuShare of the machine's cores that all other processes took meanwhile
   */
  public record Turn(double seconds, double cpuSeconds, double otherCpuShare) {}

  /** Differences of logits from the reference's, over max(1, |logit|). */
  public record ScoreError(double median, double percentile99, double largest) {
    /** The most that an engine in fp32 may differ. */
    public static final double TOLERANCE = 1e-4;
  }

  /**
   * A process's memory after its turns.
   *
   * @param peakBytes {@code VmHWM}: the most that was resident
   * @param anonymousBytes {@code RssAnon}: what is not a file's
   */
  public record Memory(long peakBytes, long anonymousBytes) {}

  /** Finds an engine that took part. */
  public Optional<Contender> find(String engine) {
    return contenders.stream().filter(contender -> contender.engine().equals(engine)).findFirst();
  }

  /** Pairs per second of each of an engine's turns. */
  public List<Double> pairsPerSecond(Contender contender) {
    return contender.turns().stream()
        .map(turn -> (double) pairs * repeats / turn.seconds())
        .toList();
  }

  /** CPU milliseconds per pair of each of an engine's turns. */
  public List<Double> cpuMillisPerPair(Contender contender) {
    return contender.turns().stream()
        .map(turn -> 1e3 * turn.cpuSeconds() / ((double) pairs * repeats))
        .toList();
  }

  /**
   * How many times as many pairs per second one engine scores as another, round by round.
   *
   * @return empty if one of them did not take part, or its scores do not count
   */
  public List<Double> ratios(String engine, String other) {
    Optional<Contender> first = find(engine).filter(Contender::counts);
    Optional<Contender> second = find(other).filter(Contender::counts);
    List<Double> ratios = new ArrayList<>();
    if (first.isPresent() && second.isPresent()) {
      for (int i = 0; i < first.get().turns().size(); i++) {
        ratios.add(second.get().turns().get(i).seconds() / first.get().turns().get(i).seconds());
      }
    }
    return ratios;
  }
}
