package dev.crossencoder.faults.records;

/** What the job is told about delivery. */
public enum Delivery {
  EXACTLY_ONCE("exactly-once"),
  AT_LEAST_ONCE("at-least-once");

  private final String option;

  Delivery(String option) {
    this.option = option;
  }

  /** The job's value for it. */
  @Override
  public String toString() {
    return option;
  }
}
