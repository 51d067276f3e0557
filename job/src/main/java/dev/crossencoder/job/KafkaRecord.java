package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A Kafka record with its position. It is the element of the job's streams, from source to sinks.
 * The arrays are never changed.
 *
 * <p>This record is part of Flink state. It is a Flink POJO: savepoints refer to it by the names of
 * the class and of its components, so neither may change.
 *
 * @param topic the topic from which it was read
 * @param partition the partition from which it was read
 * @param offset its offset there
 * @param timestamp milliseconds since the epoch; negative if it has none
 * @param key the key; may be null
 * @param value the value; may be null
 * @param headers the headers in their order; names may repeat
 * @param models the models that score the record, as text of a {@link
 *     dev.crossencoder.operator.change.ModelTag}; null for those of the options
 */
@PublicEvolving
public record KafkaRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    List<KafkaHeader> headers,
    String models) {
  private static final long NO_TIMESTAMP = -1;

  public KafkaRecord {
    requireNonNull(topic, "topic is null");
    headers = List.copyOf(headers);
  }

  /** Creates a record that the models of the options score. */
  public KafkaRecord(
      String topic,
      int partition,
      long offset,
      long timestamp,
      byte[] key,
      byte[] value,
      List<KafkaHeader> headers) {
    this(topic, partition, offset, timestamp, key, value, headers, null);
  }

  @Internal
  public KafkaRecord withValue(byte[] newValue) {
    return new KafkaRecord(topic, partition, offset, timestamp, key, newValue, headers, models);
  }

  @Internal
  public KafkaRecord withKey(byte[] newKey) {
    return new KafkaRecord(topic, partition, offset, timestamp, newKey, value, headers, models);
  }

  /** Returns this record without a timestamp, so that it gets the time of writing. */
  @Internal
  public KafkaRecord withoutTimestamp() {
    return new KafkaRecord(topic, partition, offset, NO_TIMESTAMP, key, value, headers, models);
  }

  @Internal
  public KafkaRecord withMoreHeaders(List<KafkaHeader> more) {
    List<KafkaHeader> all = new ArrayList<>(headers);
    all.addAll(more);
    return new KafkaRecord(topic, partition, offset, timestamp, key, value, all, models);
  }

  /** Returns a record with this position and timestamp, without key, value and headers. */
  @Internal
  public KafkaRecord withoutContent() {
    return new KafkaRecord(topic, partition, offset, timestamp, null, null, List.of());
  }

  /** Returns the position only, because contents must not get into logs and error messages. */
  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
