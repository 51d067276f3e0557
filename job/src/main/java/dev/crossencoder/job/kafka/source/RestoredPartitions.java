package dev.crossencoder.job.kafka.source;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.kafka.common.TopicPartition;

/** The message of a reader to the enumerator at its start: the partitions in its state. */
record RestoredPartitions(Set<TopicPartition> partitions) implements SourceEvent {
  private static final long serialVersionUID = 1L;

  RestoredPartitions {
    partitions = Set.copyOf(partitions);
  }
}
