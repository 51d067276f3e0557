package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.options.JobOptions;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a run without state starts. The consumer never resets a position by itself: one that is out
 * of range is for {@link PositionGuard} to judge.
 *
 * @param from a value of {@link JobOptions#FROM}
 */
@SuppressWarnings("deprecation")
record StartingPositions(String from) implements OffsetsInitializer {
  private static final long serialVersionUID = 1L;

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(
      Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    return switch (from) {
      case "committed" -> committedElseEarliest(partitions, retriever);
      case "earliest" -> OffsetsInitializer.earliest().getPartitionOffsets(partitions, retriever);
      case "latest" -> OffsetsInitializer.latest().getPartitionOffsets(partitions, retriever);
      default ->
          OffsetsInitializer.timestamp(Instant.parse(from).toEpochMilli())
              .getPartitionOffsets(partitions, retriever);
    };
  }

  private static Map<TopicPartition, Long> committedElseEarliest(
      Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(partition -> positions.put(partition, KafkaPartitionSplit.EARLIEST_OFFSET));
    positions.putAll(retriever.committedOffsets(partitions));
    return positions;
  }

  @Override
  public OffsetResetStrategy getAutoOffsetResetStrategy() {
    return OffsetResetStrategy.NONE;
  }
}
