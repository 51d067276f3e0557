package dev.crossencoder.faults.records;

/** The delivery guarantee of a job. */
public enum Delivery {
  EXACTLY_ONCE("exactly-once"),
  AT_LEAST_ONCE("at-least-once");

  private final String option;

  Delivery(String option) {
    this.option = option;
  }

  /** Returns the value of the job's option. */
  @Override
  public String toString() {
    return option;
  }
}
