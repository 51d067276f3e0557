package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.crossencoder.model.TextPair;

/**
 * A record of the input topic, all of which follows from its number: the reader of the results
 * needs no copy of what was sent.
 *
 * @param number from 0; it is the record's key, and decides its partition
 */
record NumberedRecord(int number) {
  /** Every so many records one is no JSON object. */
  private static final int MALFORMED_EVERY = 40;

  private static final int PAIRS = 500;

  NumberedRecord {
    if (number < 0) {
      throw new IllegalArgumentException(
          "Invalid record number: %d. It must not be negative.".formatted(number));
    }
  }

  String key() {
    return String.valueOf(number);
  }

  /** The partition of a topic that has so many. */
  int partition(int partitions) {
    return number % partitions;
  }

  /** Whether the record belongs on the dead-letter topic. */
  boolean isMalformed() {
    return number % MALFORMED_EVERY == MALFORMED_EVERY - 1;
  }

  /** The two texts; also those that a malformed record lacks. Many records share a pair. */
  TextPair pair() {
    int tower = number % PAIRS;
    return new TextPair(
        "How tall is tower %d?".formatted(tower),
        "Tower %d was built in %d. %sIt is %d metres tall."
            .formatted(
                tower,
                1800 + tower % 200,
                "People come to see it from far away. ".repeat(tower % 7),
                10 + tower % 90));
  }

  byte[] value() {
    String object =
        "{\"number\": %d, \"query\": \"%s\", \"passage\": \"%s\"}"
            .formatted(number, pair().text(), pair().textPair());
    return (isMalformed() ? object.substring(0, object.length() / 2) : object).getBytes(UTF_8);
  }
}
