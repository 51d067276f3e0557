package dev.crossencoder.faults;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The records of a run, the same for the same seed: who reads results makes what was sent again
 * instead of keeping it. Safe for use by several threads.
 */
final class Traffic {
  /** The header with a record's number. */
  static final String NUMBER = "number";

  private static final int PAIRS = 64;
  private static final int MALFORMED_EVERY = 40;
  private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;
  private static final String[] WORDS =
      "river stone music engine winter letter garden paper silver window market doctor planet bridge table ocean forest lamp shadow copper"
          .split(" ");

  private final long seed;
  private final int partitions;
  private final List<String> texts = new ArrayList<>();

  Traffic(long seed, int partitions) {
    this.seed = seed;
    this.partitions = partitions;
    Random random = new Random(seed);
    for (int i = 0; i < PAIRS; i++) {
      texts.add(
          "\"query\": \"%s\", \"passage\" :\"%s\""
              .formatted(words(random, 2 + i % 7), words(random, 4 + i % 53)));
    }
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  /** The record with a number. */
  SentRecord record(int number) {
    SplittableRandom random = new SplittableRandom(seed * 31 + number);
    int pair = random.nextInt(PAIRS);
    boolean wellFormed = number % MALFORMED_EVERY != MALFORMED_EVERY / 2;
    // Numbers, duplicate names and spaces that writing parsed JSON again would change.
    String value =
        wellFormed
            ? "{ \"n\":%d,\"price\": 1.50e+1, %s,\"n\": -0,\"note\":\"\\u00e9\\/\"}"
                .formatted(number, texts.get(pair))
            : malformed(number, pair);
    return new SentRecord(
        number,
        random.nextInt(partitions),
        bytes("key-" + number % 97),
        bytes(value),
        FIRST_TIMESTAMP + 10L * number,
        wellFormed,
        pair);
  }

  private String malformed(int number, int pair) {
    return switch (number / MALFORMED_EVERY % 4) {
      case 0 -> "{\"n\": %d, %s".formatted(number, texts.get(pair));
      case 1 -> "{\"n\": %d, \"query\": \"only one text\"}".formatted(number);
      case 2 -> "[\"no object\", %d]".formatted(number);
      default -> "";
    };
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
