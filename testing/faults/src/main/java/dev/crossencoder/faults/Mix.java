package dev.crossencoder.faults;

import java.util.Map;

/**
 * What a run's records are like.
 *
 * @param pairs how many different pairs of texts there are
 * @param longestPassage in words; passages of all lengths up to it are as likely
 * @param malformed the share of records that cannot be scored
 * @param oversized the share of records that are larger than an output topic takes, under the
 *     limits that {@link #limit} sets
 * @param untimely the share of good records whose timestamp is in microseconds, and so far ahead
 * @param marks records with a word that makes the engine fail, and what must become of them
 */
record Mix(
    int pairs,
    int longestPassage,
    double malformed,
    double oversized,
    double untimely,
    Map<Integer, Mark> marks) {
  /** One record in 40 cannot be scored. */
  static final Mix USUAL = new Mix(64, 56, 0.025, 0, 0, Map.of());

  /** Larger than a result may be under {@link #limit}, not larger than a dead letter may be. */
  static final int LARGE_BYTES = 30_000;

  /** Larger than a dead letter may be under {@link #limit}. */
  static final int HUGE_BYTES = 60_000;

  /**
   * A word in a record's texts.
   *
   * @param fate what must become of the record
   */
  record Mark(String word, Fate fate) {}

  Mix {
    marks = Map.copyOf(marks);
  }

  /** Topics' limits that make oversized records what they are called. */
  static Setup limit(Setup setup) {
    return setup.withRecordLimits(24_000, 48_000);
  }

  Mix withPassages(int differentPairs, int words) {
    return new Mix(differentPairs, words, malformed, oversized, untimely, marks);
  }

  Mix withMalformed(double share) {
    return new Mix(pairs, longestPassage, share, oversized, untimely, marks);
  }

  Mix withOversized(double share) {
    return new Mix(pairs, longestPassage, malformed, share, untimely, marks);
  }

  Mix withUntimely(double share) {
    return new Mix(pairs, longestPassage, malformed, oversized, share, marks);
  }

  Mix withMarks(Map<Integer, Mark> marked) {
    return new Mix(pairs, longestPassage, malformed, oversized, untimely, marked);
  }
}
