package dev.crossencoder.faults;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an experiment showed.
 *
 * @param seed decides the records, and when and where something breaks
 * @param restarts how often subtasks were started again
 * @param error why it broke off, empty if it did not
 */
record Outcome(
    String experiment,
    String description,
    String delivery,
    String date,
    long seed,
    List<Fault> faults,
    List<Check> checks,
    List<Trend> trends,
    int restarts,
    int outOfOrderLimit,
    Verdict verdict,
    String error) {

  /**
   * Something that was broken.
   *
   * @param atSeconds from the start of the run
   * @param recoverySeconds until every partition had committed outputs of records that were sent
   *     afterwards
   */
  record Fault(String what, double atSeconds, double recoverySeconds) {}

  /** Something that was looked at. */
  record Check(String what, String found, boolean asItMustBe) {}

  /**
   * Something that must not grow: its means over three thirds of the time.
   *
   * @param first of the first third
   */
  record Trend(String what, double first, double middle, double last) {
    private static final double LIMIT = 1.05;

    /** What comes and goes from one third to the next. */
    private static final double NOISE = 1.01;

    /** Of samples in the order of time, one at least. */
    static Trend of(String what, List<Double> samples) {
      int third = Math.max(1, samples.size() / 3);
      return new Trend(
          what,
          mean(samples.subList(0, third)),
          mean(samples.subList((samples.size() - third) / 2, (samples.size() + third) / 2)),
          mean(samples.subList(samples.size() - third, samples.size())));
    }

    private static double mean(List<Double> samples) {
      return samples.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Whether the last third is near the first, and it did not rise from each to the next. */
    boolean isBounded() {
      boolean rises = middle > NOISE * first && last > NOISE * middle;
      return last <= LIMIT * first && !rises;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s: %.1f, %.1f, %.1f", what, first, middle, last);
    }
  }

  /** Begins an outcome of today. */
  static Builder of(Experiment experiment, long seed) {
    return new Builder(experiment, seed);
  }

  /** Collects what an experiment shows. Used by one thread. */
  static final class Builder {
    private final Experiment experiment;
    private final long seed;
    private final List<Fault> faults = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private final List<Trend> trends = new ArrayList<>();
    private Verdict verdict = Verdict.EMPTY;
    private int restarts;
    private String error = "";

    private Builder(Experiment experiment, long seed) {
      this.experiment = experiment;
      this.seed = seed;
    }

    void add(Fault fault) {
      faults.add(fault);
    }

    void add(Check check) {
      checks.add(check);
    }

    void add(Trend trend) {
      trends.add(trend);
    }

    /** What came of the records, and how often subtasks were started again. */
    void verdict(Verdict ofAll, int ofSubtasks) {
      verdict = ofAll;
      restarts = ofSubtasks;
    }

    /** Why it broke off. */
    void error(Exception e) {
      error = e.toString().lines().findFirst().orElse("");
    }

    Outcome build() {
      return new Outcome(
          experiment.name(),
          experiment.description(),
          experiment.delivery().toString(),
          LocalDate.now(ZoneOffset.UTC).toString(),
          seed,
          List.copyOf(faults),
          List.copyOf(checks),
          List.copyOf(trends),
          restarts,
          experiment.outOfOrderLimit(),
          verdict,
          error);
    }
  }

  /** A limit for outputs out of order where the job gives up the order. */
  static final int NO_ORDER = Integer.MAX_VALUE;

  /** Whether it is as it must be. */
  boolean isAsItMustBe() {
    return error.isEmpty()
        && checks.stream().allMatch(Check::asItMustBe)
        && trends.stream().allMatch(Trend::isBounded)
        && verdict.inputs() > 0
        && verdict.lost() == 0
        && verdict.altered() == 0
        && verdict.outOfOrder() <= outOfOrderLimit
        && (delivery.equals(Delivery.AT_LEAST_ONCE.toString()) || verdict.duplicated() == 0);
  }
}
