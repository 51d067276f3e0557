package dev.crossencoder.faults;

import java.util.List;

/**
 * What an experiment showed.
 *
 * @param seed decides the records, and when and where something breaks
 */
record Outcome(
    String experiment,
    String description,
    String delivery,
    String date,
    long seed,
    List<Fault> faults,
    List<Growth> growths,
    int outOfOrderLimit,
    Verdict verdict) {

  /**
   * Something that was broken.
   *
   * @param atSeconds from the start of the run
   * @param recoverySeconds until new results were committed
   */
  record Fault(String what, double atSeconds, double recoverySeconds) {}

  /**
   * Something that must not grow.
   *
   * @param settled when everything had been loaded that is loaded once
   * @param last at the end
   */
  record Growth(String what, double settled, double last) {
    private static final double LIMIT = 1.05;

    /** Whether it grew by less than what comes and goes. */
    boolean isBounded() {
      return last <= LIMIT * settled;
    }
  }

  /** Whether it is as it must be. */
  boolean isAsItMustBe() {
    return growths.stream().allMatch(Growth::isBounded)
        && verdict.lost() == 0
        && verdict.altered() == 0
        && verdict.outOfOrder() <= outOfOrderLimit
        && (delivery.equals("at-least-once") || verdict.duplicated() == 0);
  }
}
