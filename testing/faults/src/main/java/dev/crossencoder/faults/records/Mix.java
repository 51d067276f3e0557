package dev.crossencoder.faults.records;

import java.util.Map;

/**
 * What a run's records are like.
 *
 * @param pairs how many different pairs of texts there are
 * @param longestPassage in words; passages of all lengths up to it are as likely
 * @param malformed the share of records that cannot be scored
 * @param oversized the share of records that are larger than an output topic takes, if the topics
 *     have the limits {@link #MAX_RESULT_BYTES} and {@link #MAX_DEAD_LETTER_BYTES}
 * @param untimely the share of good records whose timestamp is in microseconds, and so far ahead
 * @param marks records with a word that makes the engine fail, and what must become of them
 */
public record Mix(
    int pairs,
    int longestPassage,
    double malformed,
    double oversized,
    double untimely,
    Map<Integer, Mark> marks) {
  /** One record in 40 cannot be scored. */
  public static final Mix USUAL = new Mix(64, 56, 0.025, 0, 0, Map.of());

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
   * A word in a record's texts.
   *
   * @param fate what must become of the record
   */
  public record Mark(String word, Fate fate) {}

  public Mix {
    marks = Map.copyOf(marks);
  }

  public Mix withPassages(int differentPairs, int words) {
    return new Mix(differentPairs, words, malformed, oversized, untimely, marks);
  }

  public Mix withMalformed(double share) {
    return new Mix(pairs, longestPassage, share, oversized, untimely, marks);
  }

  public Mix withOversized(double share) {
    return new Mix(pairs, longestPassage, malformed, share, untimely, marks);
  }

  public Mix withUntimely(double share) {
    return new Mix(pairs, longestPassage, malformed, oversized, share, marks);
  }

  public Mix withMarks(Map<Integer, Mark> marked) {
    return new Mix(pairs, longestPassage, malformed, oversized, untimely, marked);
  }
}
