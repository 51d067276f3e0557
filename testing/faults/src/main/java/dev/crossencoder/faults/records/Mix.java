package dev.crossencoder.faults.records;

import java.util.Map;

/**
 * The distribution of the records of a run.
 *
 * @param pairs the number of different text pairs
 * @param longestPassage the maximum length in words; lengths are distributed uniformly
 * @param malformed the share of records that cannot be scored
 * @param oversized the share of records that exceed the limits of output topics with {@link
 *     #MAX_RESULT_BYTES} and {@link #MAX_DEAD_LETTER_BYTES}
 * @param untimely the share of valid records with a timestamp in microseconds, far in the future
 * @param documents the largest number of documents of a record with a query and documents; 0 if
 *     records have a query and a passage
 * @param marks the numbers of records that contain a word at which the engine fails, with their
 *     expected outcomes
 */
public record Mix(
    int pairs,
    int longestPassage,
    double malformed,
    double oversized,
    double untimely,
    int documents,
    Map<Integer, Mark> marks) {
  /** One record in 40 cannot be scored. */
  public static final Mix USUAL = new Mix(64, 56, 0.025, 0, 0, 0, Map.of());

  /** The output topic's {@code max.message.bytes} for which {@link #LARGE_BYTES} is too large. */
  public static final int MAX_RESULT_BYTES = 24_000;

  /**
   * The dead-letter topic's {@code max.message.bytes} for which {@link #HUGE_BYTES} is too large.
   */
  public static final int MAX_DEAD_LETTER_BYTES = 48_000;

  /** More than {@link #MAX_RESULT_BYTES}, less than {@link #MAX_DEAD_LETTER_BYTES}. */
  static final int LARGE_BYTES = 30_000;

  /** More than {@link #MAX_DEAD_LETTER_BYTES}. */
  static final int HUGE_BYTES = 60_000;

  /**
   * A word in the texts of a record.
   *
   * @param fate the expected outcome of the record
   */
  public record Mark(String word, Fate fate) {}

  public Mix {
    marks = Map.copyOf(marks);
  }

  public Mix withPassages(int differentPairs, int words) {
    return new Mix(differentPairs, words, malformed, oversized, untimely, documents, marks);
  }

  public Mix withMalformed(double share) {
    return new Mix(pairs, longestPassage, share, oversized, untimely, documents, marks);
  }

  public Mix withOversized(double share) {
    return new Mix(pairs, longestPassage, malformed, share, untimely, documents, marks);
  }

  public Mix withUntimely(double share) {
    return new Mix(pairs, longestPassage, malformed, oversized, share, documents, marks);
  }

  /** Returns records with a query and documents. They must not be marked. */
  public Mix withDocuments(int longestList) {
    return new Mix(pairs, longestPassage, malformed, oversized, untimely, longestList, marks);
  }

  public Mix withMarks(Map<Integer, Mark> marked) {
    return new Mix(pairs, longestPassage, malformed, oversized, untimely, documents, marked);
  }
}
