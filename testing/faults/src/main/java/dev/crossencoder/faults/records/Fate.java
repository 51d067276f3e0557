package dev.crossencoder.faults.records;

/** What must become of a record. */
public enum Fate {
  SCORED,
  /** A dead letter with the record's value, key and headers. */
  DEAD_LETTER,
  /** A dead letter with the record's key and headers, since the value is too large for it. */
  DEAD_LETTER_WITHOUT_VALUE
}
