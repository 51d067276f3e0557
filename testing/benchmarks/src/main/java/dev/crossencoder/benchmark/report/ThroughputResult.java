package dev.crossencoder.benchmark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The throughput of engines that scored the same pairs in turns.
 *
 * @param model the model's size
 * @param pairs the number of pairs per repeat
 * @param tokens the number of tokens without padding per repeat
 * @param repeats the number of times that each turn scored all pairs
 * @param reference the engine whose logits are the reference
 * @param absent the reasons why engines are missing, by name
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
   * @param settings the settings chosen for it, such as a batch size; may be empty
   */
  public record Contender(
      String engine, String settings, List<Turn> turns, ScoreError error, Memory memory) {
    /**
     * Returns whether the logits are close enough to the reference for a valid comparison of speed.
     */
    public boolean counts() {
      return Engines.int8(engine) || error.largest() <= ScoreError.TOLERANCE;
    }
  }

  /**
   * The turn of one engine in a round.
   *
   * @param cpuSeconds the CPU time of the engine's process
   * @param otherCpuShare the share of all cores that other processes used during the turn
   */
  public record Turn(double seconds, double cpuSeconds, double otherCpuShare) {}

  /** Differences of logits from the reference, divided by max(1, |logit|). */
  public record ScoreError(double median, double percentile99, double largest) {
    /** The largest permitted difference of an fp32 engine. */
    public static final double TOLERANCE = 1e-4;
  }

  /**
   * The memory of a process after its turns.
   *
   * @param peakBytes {@code VmHWM}, the peak resident set
   * @param anonymousBytes {@code RssAnon}, the resident memory without files
   */
  public record Memory(long peakBytes, long anonymousBytes) {}

  /** Returns an engine, if it took part. */
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
   * Returns the ratio of the pairs per second of two engines for each round.
   *
   * @return empty if one of them did not take part or its logits are not close enough
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
