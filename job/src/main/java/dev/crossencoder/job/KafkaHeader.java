package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A header of a Kafka record.
 *
 * <p>This record is part of Flink state. It is a Flink POJO: savepoints refer to it by the names of
 * the class and of its components, so neither may change.
 *
 * @param value the value; may be null, as in Kafka
 */
@PublicEvolving
public record KafkaHeader(String key, byte[] value) {
  public KafkaHeader {
    requireNonNull(key, "key is null");
  }
}
