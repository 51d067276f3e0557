package dev.crossencoder.faults.records;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Generates the records of a run. A record depends only on seed, mix and number, except for its
 * timestamp. Therefore sent records need not be stored to check outputs. Thread-safe.
 */
public final class Traffic {
  /** The name of the header with the number of a record. */
  static final String NUMBER = "number";

  /** The words of all texts except marks. */
  public static final List<String> WORDS =
      List.of(
          "river stone music engine winter letter garden paper silver window market doctor planet bridge table ocean forest lamp shadow copper"
              .split(" "));

  private static final int MALFORMED_KINDS = 9;
  private static final int OVERSIZED_KINDS = 3;

  /** Marked records have text pairs of their own. */
  private static final int FIRST_MARKED_PAIR = 1 << 20;

  private final long seed;
  private final int partitions;
  private final Mix mix;
  private final List<String> texts = new ArrayList<>();

  /**
   * Timestamps are current. After a restart, a broker does not restore the producer state of
   * records whose timestamps are more than a day old, and accepts duplicates from producers.
   */
  private final long firstTimestamp = System.currentTimeMillis();

  public Traffic(long seed, int partitions, Mix mix) {
    this.seed = seed;
    this.partitions = partitions;
    this.mix = mix;
    Random random = new Random(seed);
    for (int i = 0; i < mix.pairs(); i++) {
      String query = words(random, 2 + i % 7);
      texts.add(
          mix.documents() == 0
              ? members(query, passage(random))
              : members(
                  query,
                  Stream.generate(() -> passage(random)).limit(1 + i % mix.documents()).toList()));
    }
  }

  private static String members(String query, String passage) {
    return "\"query\": \"%s\", \"passage\" :\"%s\"".formatted(query, passage);
  }

  private static String members(String query, List<String> documents) {
    return "\"query\": \"%s\", \"documents\" :[\"%s\"]"
        .formatted(query, String.join("\", \"", documents));
  }

  private String passage(Random random) {
    return words(random, 1 + random.nextInt(mix.longestPassage()));
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS.get(random.nextInt(WORDS.size())));
    }
    return text.toString();
  }

  /** Returns the partition of a record. */
  public int partition(int number) {
    return random(number).nextInt(partitions);
  }

  /** The number of documents of the records with a text pair; 0 if records have no documents. */
  int documents(int pair) {
    return mix.documents() == 0 ? 0 : 1 + pair % mix.documents();
  }

  /** Returns a record. */
  public SentRecord record(int number) {
    SplittableRandom random = random(number);
    int partition = random.nextInt(partitions);
    int pair = random.nextInt(mix.pairs());
    double kind = random.nextDouble();
    List<Header> headers = headers(number, random);
    byte[] value;
    Fate fate = Fate.SCORED;
    long timestamp = firstTimestamp + 10L * number;
    Mix.Mark mark = mix.marks().get(number);
    if (mark != null) {
      pair = FIRST_MARKED_PAIR + number;
      value = bytes(object(number, members(mark.word() + " " + number, "river stone"), ""));
      fate = mark.fate();
    } else if (kind < mix.malformed()) {
      value = malformed(number, texts.get(pair), random.nextInt(MALFORMED_KINDS));
      fate = Fate.DEAD_LETTER;
    } else if (kind < mix.malformed() + mix.oversized()) {
      int oversized = random.nextInt(OVERSIZED_KINDS);
      int bytes = oversized == 0 ? Mix.LARGE_BYTES : Mix.HUGE_BYTES;
      String filler = ",\"filler\":\"%s\"".formatted("x".repeat(bytes));
      String object = object(number, texts.get(pair), filler);
      value = bytes(oversized == 2 ? object + "}" : object);
      fate = oversized == 0 ? Fate.DEAD_LETTER : Fate.DEAD_LETTER_WITHOUT_VALUE;
    } else {
      value = bytes(object(number, texts.get(pair), ""));
      timestamp *= random.nextDouble() < mix.untimely() ? 1_000 : 1;
    }
    return new SentRecord(number, partition, key(number), value, headers, timestamp, fate, pair);
  }

  private SplittableRandom random(int number) {
    return new SplittableRandom(seed * 31 + number);
  }

  private static byte[] key(int number) {
    return switch (number % 10) {
      case 0 -> null;
      case 1 -> new byte[0];
      default -> bytes("key-" + number % 97);
    };
  }

  /** Repeated names, values that are not text, and null values are all valid headers. */
  private static List<Header> headers(int number, SplittableRandom random) {
    List<Header> headers = new ArrayList<>();
    headers.add(new RecordHeader(NUMBER, bytes(String.valueOf(number))));
    if (number % 3 == 0) {
      byte[] trace = new byte[8];
      random.nextBytes(trace);
      headers.add(new RecordHeader("trace", trace));
    }
    if (number % 7 == 0) {
      headers.add(new RecordHeader("tag", bytes("b")));
      headers.add(new RecordHeader("tag", bytes("a")));
      headers.add(new RecordHeader("none", (byte[]) null));
    }
    return headers;
  }

  /**
   * Contains numbers, duplicate names and spaces that would change if JSON were parsed and written.
   */
  private static String object(int number, String members, String more) {
    return "{ \"n\":%d,\"price\": 1.50e+1, %s,\"n\": -0,\"note\":\"\\u00e9\\/\"%s}"
        .formatted(number, members, more);
  }

  private static byte[] malformed(int number, String members, int kind) {
    return switch (kind) {
      case 0 -> bytes("{\"n\": %d, %s".formatted(number, members));
      case 1 -> bytes("{\"n\": %d, \"query\": \"only one text\"}".formatted(number));
      case 2 -> bytes("[\"no object\", %d]".formatted(number));
      case 3 -> new byte[0];
      case 4 -> null;
      case 5 -> invalidUtf8(object(number, members, ""));
      case 6 -> bytes(object(number, members, ", \"cross_encoder\" : {\"score\":1}"));
      case 7 -> bytes("{\"query\": %d, \"passage\": [\"no text\"]}".formatted(number));
      default -> bytes(object(number, members, "") + "}");
    };
  }

  private static byte[] invalidUtf8(String object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(bytes(object.substring(0, object.length() - 2)));
    bytes.write(0xc3);
    bytes.writeBytes(bytes("\"}"));
    return bytes.toByteArray();
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
