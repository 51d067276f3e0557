package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.benchmark.simulation.Setting.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Simulates all settings at all loads and compares. What is compared was decided before the first
 * run:
 *
 * <ul>
 *   <li>The choice of precision is worth an option if, on each recorded process, there is a load at
 *       which every fixed setting in fp32 misses the target of {@value #TARGET} ms for the 99th
 *       percentile, and an adaptive one reaches it with at least half of the pairs in fp32.
 *   <li>Limits that follow the queue are worth an option if, on each recorded process, the best of
 *       them has a 99th percentile of at most 0.9 of that of the best fixed setting in fp32, as a
 *       geometric mean over the loads from 0.3 to 0.95.
 * </ul>
 *
 * <p>Owned by one thread.
 */
public final class PolicyStudy {
  /** The target of the 99th percentile in milliseconds. */
  public static final double TARGET = 250;

  /** The loads up to the one that counts last for limits, and overload. */
  static final List<Double> LOADS = List.of(0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.1, 1.3);

  private static final double LAST_LOAD = 0.95;
  private static final double MOST = 0.5;
  private static final double LIMITS_BAR = 0.9;
  private static final int SATURATION_PAIRS = 4000;
  private static final double MILLIS = 1e3;

  private final int[] lengths;
  private final PassCost fp32;
  private final PassCost int8;
  private final double saturation;
  private final double millisPerToken;
  private final List<PolicyPoint> points = new ArrayList<>();

  /**
   * Creates a study.
   *
   * @param lengths the tokens of pairs, which repeat
   */
  public PolicyStudy(int[] lengths, PassCost fp32, PassCost int8) {
    this.lengths = lengths.clone();
    this.fp32 = fp32;
    this.int8 = int8;
    int[] tokens = tokens(SATURATION_PAIRS);
    double millis =
        Simulation.run(new double[SATURATION_PAIRS], tokens, fp32, int8, Setting.usual().policy())
            .endMillis();
    saturation = MILLIS * SATURATION_PAIRS / millis;
    millisPerToken = millis / IntStream.of(tokens).sum();
  }

  /** The pairs per second that the default options score at most. */
  public double saturation() {
    return saturation;
  }

  private int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> lengths[i % lengths.length]).toArray();
  }

  /**
   * Returns the latencies of the default options in the order of arrival, to compare them with
   * measured ones.
   *
   * @param arrivals milliseconds
   */
  public double[] usual(double[] arrivals) {
    return Simulation.run(arrivals, tokens(arrivals.length), fp32, int8, Setting.usual().policy())
        .millis();
  }

  /** Simulates all settings with a process at all loads. */
  public void study(Arrivals arrivals) {
    List<Setting> settings = new ArrayList<>(Setting.all());
    settings.addAll(Setting.ofTarget(TARGET, millisPerToken));
    int[] tokens = tokens(arrivals.times().length);
    for (double load : LOADS) {
      double[] millis = arrivals.millis(load * saturation);
      for (Setting setting : settings) {
        Simulation.Result result = Simulation.run(millis, tokens, fp32, int8, setting.policy());
        points.add(
            new PolicyPoint(
                arrivals.name(),
                load,
                setting.group().title(),
                setting.name(),
                result.percentile(50, 0),
                result.percentile(99, 0),
                result.fp32Share()));
      }
    }
  }

  /**
   * The points that are compared: at each load those of the default options, of the best setting of
   * each group, and of the best one that scores most pairs in fp32.
   */
  public List<PolicyPoint> compared() {
    List<PolicyPoint> compared = new ArrayList<>();
    for (String arrivals : points.stream().map(PolicyPoint::arrivals).distinct().toList()) {
      for (double load : LOADS) {
        compared.add(usual(arrivals, load));
        for (Group group : Group.values()) {
          compared.add(best(arrivals, load, group));
        }
        bestMostlyFp32(arrivals, load).ifPresent(compared::add);
      }
    }
    return compared.stream().distinct().toList();
  }

  /** Returns the point of the default options. */
  PolicyPoint usual(String arrivals, double load) {
    return of(arrivals, load, Group.FIXED_FP32)
        .filter(point -> point.setting().equals(Setting.usual().name()))
        .findFirst()
        .orElseThrow();
  }

  /** Returns the point of a group with the lowest 99th percentile at a load. */
  PolicyPoint best(String arrivals, double load, Group group) {
    return of(arrivals, load, group)
        .min(Comparator.comparingDouble(PolicyPoint::p99))
        .orElseThrow();
  }

  /**
   * Returns the adaptive point with the lowest 99th percentile at a load among those that score at
   * least half of the pairs in fp32.
   */
  Optional<PolicyPoint> bestMostlyFp32(String arrivals, double load) {
    return Stream.of(Group.INT8_ABOVE, Group.TARGET)
        .flatMap(group -> of(arrivals, load, group))
        .filter(point -> point.fp32() >= MOST)
        .min(Comparator.comparingDouble(PolicyPoint::p99));
  }

  private Stream<PolicyPoint> of(String arrivals, double load, Group group) {
    return points.stream()
        .filter(point -> point.arrivals().equals(arrivals) && point.load() == load)
        .filter(point -> point.group().equals(group.title()));
  }

  /** Returns the loads at which the choice of precision meets its bar. */
  List<Double> loadsWherePrecisionHelps(String arrivals) {
    return LOADS.stream()
        .filter(load -> best(arrivals, load, Group.FIXED_FP32).p99() > TARGET)
        .filter(
            load ->
                bestMostlyFp32(arrivals, load).filter(point -> point.p99() <= TARGET).isPresent())
        .toList();
  }

  /**
   * Returns the setting of a group with the lowest 99th percentile as a geometric mean over the
   * loads up to 0.95.
   */
  Mean bestOverLoads(String arrivals, Group group) {
    return Setting.all().stream()
        .filter(setting -> setting.group() == group)
        .map(setting -> new Mean(setting.name(), mean(arrivals, setting)))
        .min(Comparator.comparingDouble(Mean::millis))
        .orElseThrow();
  }

  /** The 99th percentile of a setting as a geometric mean over loads. */
  record Mean(String setting, double millis) {}

  private double mean(String arrivals, Setting setting) {
    return Math.exp(
        points.stream()
            .filter(point -> point.arrivals().equals(arrivals) && point.load() <= LAST_LOAD)
            .filter(point -> point.setting().equals(setting.name()))
            .mapToDouble(point -> Math.log(point.p99()))
            .average()
            .orElseThrow());
  }

  /** Returns tables and verdicts for all processes. */
  public String report() {
    StringBuilder text = new StringBuilder();
    points.stream()
        .map(PolicyPoint::arrivals)
        .distinct()
        .forEach(arrivals -> PolicyTables.write(text, this, arrivals));
    return text.toString();
  }

  /** Says whether limits that follow the queue meet their bar. */
  String limitsVerdict(String arrivals) {
    Mean fixed = bestOverLoads(arrivals, Group.FIXED_FP32);
    Mean following = bestOverLoads(arrivals, Group.LIMITS_FP32);
    double ratio = following.millis() / fixed.millis();
    return String.format(
        Locale.ROOT,
        "limits that follow the queue (%s) ÷ the best fixed setting (%s): %.2f, the bar is %.2f: %s",
        following.setting(),
        fixed.setting(),
        ratio,
        LIMITS_BAR,
        ratio <= LIMITS_BAR ? "holds" : "MISSED");
  }
}
