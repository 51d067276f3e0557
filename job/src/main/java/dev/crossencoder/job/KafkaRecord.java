package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A record as it lies in Kafka, with its position there: what the job carries from source to sinks.
 * The arrays are never changed.
 *
 * <p>It is part of state: a Flink POJO, which savepoints find by the names of this class and of its
 * components.
 *
 * @param topic where it was read
 * @param partition where it was read
 * @param offset where it was read
 * @param timestamp milliseconds since the epoch; negative if it has none
 * @param key may be null
 * @param value may be null
 * @param headers in their order; names may repeat
 */
@PublicEvolving
public record KafkaRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    List<KafkaHeader> headers) {
  private static final long NO_TIMESTAMP = -1;

  public KafkaRecord {
    requireNonNull(topic, "topic is null");
    headers = List.copyOf(headers);
  }

  @Internal
  public KafkaRecord withValue(byte[] newValue) {
    return new KafkaRecord(topic, partition, offset, timestamp, key, newValue, headers);
  }

  @Internal
  public KafkaRecord withKey(byte[] newKey) {
    return new KafkaRecord(topic, partition, offset, timestamp, newKey, value, headers);
  }

  /** The same record to be written at the time of its writing. */
  @Internal
  public KafkaRecord withoutTimestamp() {
    return new KafkaRecord(topic, partition, offset, NO_TIMESTAMP, key, value, headers);
  }

  @Internal
  public KafkaRecord withMoreHeaders(List<KafkaHeader> more) {
    List<KafkaHeader> all = new ArrayList<>(headers);
    all.addAll(more);
    return new KafkaRecord(topic, partition, offset, timestamp, key, value, all);
  }

  /** The same position and time without key, value and headers. */
  @Internal
  public KafkaRecord withoutContent() {
    return new KafkaRecord(topic, partition, offset, timestamp, null, null, List.of());
  }

  /** The position only: contents do not belong in logs and error messages. */
  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
