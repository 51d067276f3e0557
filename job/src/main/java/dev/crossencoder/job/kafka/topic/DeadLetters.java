package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.operator.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Turns a record that got no score into its dead letter: key, value and headers as they were, and
 * headers that say why, where from and when. It has no timestamp of its own, since the topic might
 * refuse that. One that is too large for the topic keeps of its key, its headers and its value, in
 * this order, what fits, and a header names what is left out.
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

  /** The largest dead letter without content, but for its message. */
  public static final int MIN_BYTES = 1 << 10;

  private static final String EVERYTHING = "key, headers, value";

  private DeadLetters() {}

  /**
   * Makes a dead letter.
   *
   * @param maxBytes the largest record that the topic takes, as {@link RecordSize} measures it; at
   *     least {@link #MIN_BYTES}
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
