package dev.crossencoder.faults.records;

/** The expected outcome of a record. */
public enum Fate {
  SCORED,
  /** A dead letter with the value, key and headers of the record. */
  DEAD_LETTER,
  /**
   * A dead letter with the key and headers of the record, without the value, which is too large.
   */
  DEAD_LETTER_WITHOUT_VALUE
}
