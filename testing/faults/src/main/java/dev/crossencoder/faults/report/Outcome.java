package dev.crossencoder.faults.report;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Verdict;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The outcome of an experiment.
 *
 * @param seed determines the records, and the times and places of the faults
 * @param restarts the number of restarts of subtasks
 * @param error the exception that ended the experiment early; empty if there was none
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
   * A fault.
   *
   * @param atSeconds the time from the start of the run
   * @param recoverySeconds the time until every partition had committed outputs of records that
   *     were sent after the fault
   */
  public record Fault(String what, double atSeconds, double recoverySeconds) {}

  /** An additional check and its result. */
  public record Check(String what, String found, boolean asItMustBe) {}

  /**
   * A quantity that must not grow, as means over the three thirds of a run.
   *
   * @param first the mean of the first third
   */
  public record Trend(String what, double first, double middle, double last) {
    private static final double LIMIT = 1.05;

    /** The relative change between two thirds that counts as noise. */
    private static final double NOISE = 1.01;

    /** Returns the trend of samples in the order of time; at least one. */
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

    /**
     * Returns whether the last mean is at most 5 % above the first, and the means do not rise by
     * more than 1 % twice.
     */
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

  /** Collects the outcome of an experiment. Used by one thread. */
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

    /** Sets the verdict and the number of restarts of subtasks. */
    public void verdict(Verdict ofAll, int ofSubtasks) {
      verdict = ofAll;
      restarts = ofSubtasks;
    }

    /** Sets the exception that ended the experiment early. */
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

  /** The limit for outputs out of order if the job does not guarantee an order. */
  public static final int NO_ORDER = Integer.MAX_VALUE;

  /** Returns whether the experiment passed. */
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
