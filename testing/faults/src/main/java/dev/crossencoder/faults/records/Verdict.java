package dev.crossencoder.faults.records;

import java.util.List;
import java.util.stream.Stream;

/**
 * What came of a run's records.
 *
 * @param inputs how many were sent
 * @param results how many committed records the output topic has
 * @param deadLetters the same of the dead-letter topic
 * @param lost records without an output
 * @param duplicated outputs beyond the first of a record
 * @param outOfOrder outputs behind one of a later record of the same partition, first ones only
 * @param altered outputs whose value, key, headers, timestamp or partition is not what it must be,
 *     that are on the wrong topic, or that have another score than the same pair elsewhere
 * @param examples of what is wrong, some sentences
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
  /** Of no records. */
  public static final Verdict EMPTY = new Verdict(0, 0, 0, 0, 0, 0, 0, List.of());

  /** Both together. */
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
