package dev.crossencoder.faults.report;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Verdict;
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
public record Outcome(
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
  public record Fault(String what, double atSeconds, double recoverySeconds) {}

  /** Something that was looked at. */
  public record Check(String what, String found, boolean asItMustBe) {}

  /**
   * Something that must not grow: its means over three thirds of the time.
   *
   * @param first of the first third
   */
  public record Trend(String what, double first, double middle, double last) {
    private static final double LIMIT = 1.05;

    /** What comes and goes from one third to the next. */
    private static final double NOISE = 1.01;

    /** Of samples in the order of time, one at least. */
    public static Trend of(String what, List<Double> samples) {
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

  /**
   * Returns a builder of an outcome with today's date in UTC.
   *
   * @param experiment the name
   * @param seed determines the records, and the times and places of the faults
   */
  public static Builder of(
      String experiment, String description, Delivery delivery, int outOfOrderLimit, long seed) {
    return new Builder(experiment, description, delivery, outOfOrderLimit, seed);
  }

  /** Collects what an experiment shows. Used by one thread. */
  public static final class Builder {
    private final String experiment;
    private final String description;
    private final Delivery delivery;
    private final int outOfOrderLimit;
    private final long seed;
    private final List<Fault> faults = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private final List<Trend> trends = new ArrayList<>();
    private Verdict verdict = Verdict.EMPTY;
    private int restarts;
    private String error = "";

    private Builder(
        String experiment, String description, Delivery delivery, int outOfOrderLimit, long seed) {
      this.experiment = experiment;
      this.description = description;
      this.delivery = delivery;
      this.outOfOrderLimit = outOfOrderLimit;
      this.seed = seed;
    }

    public void add(Fault fault) {
      faults.add(fault);
    }

    public void add(Check check) {
      checks.add(check);
    }

    public void add(Trend trend) {
      trends.add(trend);
    }

    /** What came of the records, and how often subtasks were started again. */
    public void verdict(Verdict ofAll, int ofSubtasks) {
      verdict = ofAll;
      restarts = ofSubtasks;
    }

    /** Why it broke off. */
    public void error(Exception e) {
      error = e.toString().lines().findFirst().orElse("");
    }

    public Outcome build() {
      return new Outcome(
          experiment,
          description,
          delivery.toString(),
          LocalDate.now(ZoneOffset.UTC).toString(),
          seed,
          List.copyOf(faults),
          List.copyOf(checks),
          List.copyOf(trends),
          restarts,
          outOfOrderLimit,
          verdict,
          error);
    }
  }

  /** A limit for outputs out of order where the job gives up the order. */
  public static final int NO_ORDER = Integer.MAX_VALUE;

  /** Whether it is as it must be. */
  public boolean isAsItMustBe() {
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
