package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.crossencoder.model.TextPair;

/**
 * A record of the input topic that is generated from its number. Therefore sent records need not be
 * stored to check results.
 *
 * @param number the key of the record, from 0, which determines its partition
 */
record NumberedRecord(int number) {
  /** One record in this number is not a JSON object. */
  private static final int MALFORMED_EVERY = 40;

  /** The number of different pairs. Record n has the pair of record n - PAIRS. */
  static final int PAIRS = 500;

  NumberedRecord {
    if (number < 0) {
      throw new IllegalArgumentException(
          "Invalid record number: %d. It must not be negative.".formatted(number));
    }
  }

  String key() {
    return String.valueOf(number);
  }

  /** Returns the partition for a number of partitions. */
  int partition(int partitions) {
    return number % partitions;
  }

  /** Returns whether the record must become a dead letter. */
  boolean isMalformed() {
    return number % MALFORMED_EVERY == MALFORMED_EVERY - 1;
  }

  /**
   * Returns the two texts, also for a malformed record, which does not contain them. Many records
   * share a pair.
   */
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
