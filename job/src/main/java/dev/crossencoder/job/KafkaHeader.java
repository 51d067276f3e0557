package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

/**
 * A header of a Kafka record. A Flink POJO and part of checkpoints.
 *
 * @param value may be null, as in Kafka
 */
public record KafkaHeader(String key, byte[] value) {
  public KafkaHeader {
    requireNonNull(key, "key is null");
  }
}
