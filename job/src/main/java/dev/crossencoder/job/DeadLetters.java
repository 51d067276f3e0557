package dev.crossencoder.job;

import dev.crossencoder.operator.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Turns a record that got no score into its dead letter: key, value and headers as they were, and
 * headers that say why and where from. One that the topic would not take goes without its content.
 */
final class DeadLetters {
  static final String REASON = "cross-encoder.reason";
  static final String MESSAGE = "cross-encoder.message";
  static final String TOPIC = "cross-encoder.topic";
  static final String PARTITION = "cross-encoder.partition";
  static final String OFFSET = "cross-encoder.offset";

  private DeadLetters() {}

  /**
   * Makes a dead letter.
   *
   * @param maxBytes the largest record that the topic takes, as {@link RecordSize} measures it
   */
  static KafkaRecord of(KafkaRecord element, Failure failure, int maxBytes) {
    List<KafkaHeader> why =
        List.of(
            header(REASON, failure.code()),
            header(MESSAGE, failure.message()),
            header(TOPIC, element.topic()),
            header(PARTITION, String.valueOf(element.partition())),
            header(OFFSET, String.valueOf(element.offset())));
    KafkaRecord whole = element.withMoreHeaders(why);
    return RecordSize.of(whole) <= maxBytes ? whole : element.withoutContent().withMoreHeaders(why);
  }

  private static KafkaHeader header(String key, String value) {
    return new KafkaHeader(key, value.getBytes(StandardCharsets.UTF_8));
  }
}
