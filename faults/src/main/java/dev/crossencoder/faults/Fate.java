package dev.crossencoder.faults;

/** What must become of a record. */
enum Fate {
  SCORED,
  /** A dead letter with the record's value, key and headers. */
  DEAD_LETTER,
  /** A dead letter that says no more than why and where from. */
  DEAD_LETTER_WITHOUT_CONTENT
}
