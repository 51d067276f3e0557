package dev.crossencoder.job.kafka.source;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.kafka.common.TopicPartition;

/** What a reader tells the enumerator when it starts: the partitions that were in its state. */
record RestoredPartitions(Set<TopicPartition> partitions) implements SourceEvent {
  private static final long serialVersionUID = 1L;

  RestoredPartitions {
    partitions = Set.copyOf(partitions);
  }
}
