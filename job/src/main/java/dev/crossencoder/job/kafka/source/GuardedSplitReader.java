package dev.crossencoder.job.kafka.source;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaPartitionSplitReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;

/**
 * The connector's reader of partitions, with a {@link PositionGuard} that checks the positions that
 * it receives and the positions that brokers refuse while it reads. Owned by the fetcher thread.
 */
@SuppressWarnings("try")
final class GuardedSplitReader extends KafkaPartitionSplitReader {
  private final PositionGuard guard;

  GuardedSplitReader(
      Properties consumer,
      SourceReaderContext context,
      KafkaSourceReaderMetrics metrics,
      PositionGuard guard) {
    super(consumer, context, metrics);
    this.guard = guard;
  }

  @Override
  public void handleSplitsChanges(SplitsChange<KafkaPartitionSplit> change) {
    super.handleSplitsChanges(
        change instanceof SplitsAddition<KafkaPartitionSplit>
            ? new SplitsAddition<>(guard.check(change.splits()))
            : change);
  }

  @Override
  public RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetch() throws IOException {
    try {
      return super.fetch();
    } catch (LogTruncationException e) {
      throw guard.truncated(e.offsetOutOfRangePartitions());
    } catch (OffsetOutOfRangeException e) {
      // Adding a partition that is assigned already moves its position and keeps its stop.
      List<KafkaPartitionSplit> refused =
          e.offsetOutOfRangePartitions().entrySet().stream()
              .map(position -> new KafkaPartitionSplit(position.getKey(), position.getValue()))
              .toList();
      super.handleSplitsChanges(new SplitsAddition<>(guard.check(refused)));
      return new RecordsBySplits<>(Map.of(), Set.of());
    }
  }
}
