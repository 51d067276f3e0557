package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A header of a Kafka record.
 *
 * <p>It is part of state: a Flink POJO, which savepoints find by the names of this class and of its
 * components.
 *
 * @param value may be null, as in Kafka
 */
@PublicEvolving
public record KafkaHeader(String key, byte[] value) {
  public KafkaHeader {
    requireNonNull(key, "key is null");
  }
}
