package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.options.StartingPosition;
import dev.crossencoder.job.options.TimePosition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * The positions at which a run without state starts. The consumer never resets a position by
 * itself; {@link PositionGuard} handles positions that are out of range.
 *
 * @param from the value of the option
 */
@SuppressWarnings("deprecation")
record StartingOffsets(StartingPosition from) implements OffsetsInitializer {
  private static final long serialVersionUID = 1L;

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(
      Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    if (from instanceof TimePosition time) {
      return OffsetsInitializer.timestamp(time.epochMillis())
          .getPartitionOffsets(partitions, retriever);
    }
    return switch ((StartingPosition.Named) from) {
      case COMMITTED -> committedElseEarliest(partitions, retriever);
      case EARLIEST -> OffsetsInitializer.earliest().getPartitionOffsets(partitions, retriever);
      case LATEST -> OffsetsInitializer.latest().getPartitionOffsets(partitions, retriever);
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
