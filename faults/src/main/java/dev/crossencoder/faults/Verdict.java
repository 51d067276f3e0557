package dev.crossencoder.faults;

import java.util.List;

/**
 * What came of a run's records.
 *
 * @param inputs how many were sent
 * @param results how many committed records the output topic has
 * @param deadLetters the same of the dead-letter topic
 * @param lost records without an output
 * @param duplicated outputs beyond the first of a record
 * @param outOfOrder outputs behind one of a later record of the same partition, first ones only
 * @param altered outputs whose value, key, timestamp or partition is not what it must be, that are
 *     on the wrong topic, or that have another score than the same pair elsewhere
 * @param examples of what is wrong, some sentences
 */
record Verdict(
    int inputs,
    int results,
    int deadLetters,
    int lost,
    int duplicated,
    int outOfOrder,
    int altered,
    List<String> examples) {
  /** Whether every record has exactly one output, unchanged and in order. */
  boolean isExactlyOnce() {
    return isAtLeastOnce() && duplicated == 0;
  }

  /** Whether every record has an output, unchanged and first ones in order. */
  boolean isAtLeastOnce() {
    return lost == 0 && outOfOrder == 0 && altered == 0;
  }
}
