package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.operator.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Turns a record without a score into its dead letter. The dead letter has the record's key, value
 * and headers unchanged, and additional headers with the reason, the record's position and its
 * timestamp. It has no timestamp of its own, because the topic might refuse it. If it is too large
 * for the topic, it keeps as much of key, headers and value as fits, in this order, and a header
 * names what is omitted.
 */
@Internal
public final class DeadLetters {
  static final String REASON = "cross-encoder.reason";
  static final String MESSAGE = "cross-encoder.message";
  static final String TOPIC = "cross-encoder.topic";
  static final String PARTITION = "cross-encoder.partition";
  static final String OFFSET = "cross-encoder.offset";
  static final String TIMESTAMP = "cross-encoder.timestamp";
  static final String OMITTED = "cross-encoder.omitted";

  /**
   * The size of the largest dead letter without key, value and headers of the record, and without
   * its message.
   */
  public static final int MIN_BYTES = 1 << 10;

  private static final String EVERYTHING = "key, headers, value";

  private DeadLetters() {}

  /**
   * Creates a dead letter.
   *
   * @param maxBytes the size of the largest record that the topic accepts, as {@link RecordSize}
   *     computes it; at least {@link #MIN_BYTES}
   */
  public static KafkaRecord of(KafkaRecord element, Failure failure, int maxBytes) {
    KafkaRecord whole =
        element.withoutTimestamp().withMoreHeaders(why(element, failure, failure.message()));
    return RecordSize.of(whole) <= maxBytes ? whole : part(element, failure, maxBytes);
  }

  private static KafkaRecord part(KafkaRecord element, Failure failure, int maxBytes) {
    KafkaRecord letter = element.withoutTimestamp().withoutContent();
    List<KafkaHeader> why = why(element, failure, failure.message());
    int excess = size(letter, why) - maxBytes;
    if (excess > 0) {
      why = why(element, failure, shorter(failure.message(), excess));
    }
    List<String> omitted = new ArrayList<>();
    KafkaRecord more = letter.withKey(element.key());
    if (size(more, why) <= maxBytes) {
      letter = more;
    } else {
      omitted.add("key");
    }
    more = letter.withMoreHeaders(element.headers());
    if (size(more, why) <= maxBytes) {
      letter = more;
    } else {
      omitted.add("headers");
    }
    more = letter.withValue(element.value());
    if (size(more, why) <= maxBytes) {
      letter = more;
    } else {
      omitted.add("value");
    }
    List<KafkaHeader> all = new ArrayList<>(why);
    if (!omitted.isEmpty()) {
      all.add(header(OMITTED, String.join(", ", omitted)));
    }
    return letter.withMoreHeaders(all);
  }

  private static int size(KafkaRecord letter, List<KafkaHeader> why) {
    return RecordSize.of(
        letter.withMoreHeaders(why).withMoreHeaders(List.of(header(OMITTED, EVERYTHING))));
  }

  private static String shorter(String message, int excess) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    int length = Math.max(0, bytes.length - excess);
    // A character is cut away whole.
    while (length > 0 && (bytes[length] & 0xC0) == 0x80) {
      length--;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static List<KafkaHeader> why(KafkaRecord element, Failure failure, String message) {
    return List.of(
        header(REASON, failure.code()),
        header(MESSAGE, message),
        header(TOPIC, element.topic()),
        header(PARTITION, String.valueOf(element.partition())),
        header(OFFSET, String.valueOf(element.offset())),
        header(TIMESTAMP, String.valueOf(element.timestamp())));
  }

  private static KafkaHeader header(String key, String value) {
    return new KafkaHeader(key, value.getBytes(StandardCharsets.UTF_8));
  }
}
