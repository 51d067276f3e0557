package dev.crossencoder.faults.records;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result of the comparison of outputs with inputs.
 *
 * @param inputs the number of records that were sent
 * @param results the number of committed records of the output topic
 * @param deadLetters the number of committed records of the dead-letter topic
 * @param lost the number of records without an output
 * @param duplicated the number of outputs after the first one of a record
 * @param outOfOrder the number of first outputs after an output of a later record of the same
 *     partition
 * @param altered the number of outputs with a wrong value, key, header, timestamp, partition or
 *     topic, or with another score than the same pair in other records
 * @param examples descriptions of some errors
 */
public record Verdict(
    int inputs,
    int results,
    int deadLetters,
    int lost,
    int duplicated,
    int outOfOrder,
    int altered,
    List<String> examples) {
  /** The verdict on no records. */
  public static final Verdict EMPTY = new Verdict(0, 0, 0, 0, 0, 0, 0, List.of());

  /** Returns the sum of both verdicts. */
  public Verdict plus(Verdict other) {
    return new Verdict(
        inputs + other.inputs,
        results + other.results,
        deadLetters + other.deadLetters,
        lost + other.lost,
        duplicated + other.duplicated,
        outOfOrder + other.outOfOrder,
        altered + other.altered,
        Stream.concat(examples.stream(), other.examples.stream()).toList());
  }
}
