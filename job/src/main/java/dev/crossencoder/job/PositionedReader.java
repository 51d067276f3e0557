package dev.crossencoder.job;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.KafkaSourceReader;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The connector's reader, whose splits stop where this run stops, whatever stop they were restored
 * with, and which tells the enumerator what it was restored with. Owned by the task thread.
 */
@SuppressWarnings("try")
final class PositionedReader extends KafkaSourceReader<KafkaRecord> {
  private final StoppingPositions stops;
  private final PositionGuard guard;
  private final Set<TopicPartition> restored = new HashSet<>();
  private boolean started;

  PositionedReader(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      KafkaSourceFetcherManager fetchers,
      KafkaRecordEmitter<KafkaRecord> emitter,
      Configuration consumer,
      SourceReaderContext context,
      KafkaSourceReaderMetrics metrics,
      StoppingPositions stops,
      PositionGuard guard) {
    super(queue, fetchers, emitter, consumer, context, metrics);
    this.stops = stops;
    this.guard = guard;
  }

  @Override
  public void start() {
    super.start();
    started = true;
    context.sendSourceEventToCoordinator(new RestoredPartitions(restored));
  }

  /** Flink adds what was in the state before the start, and what the enumerator assigns after. */
  @Override
  public void addSplits(List<KafkaPartitionSplit> splits) {
    if (!started) {
      for (KafkaPartitionSplit split : splits) {
        restored.add(split.getTopicPartition());
        checkStops(split);
      }
    }
    super.addSplits(splits.stream().map(stops::stop).toList());
  }

  @Override
  protected KafkaPartitionSplit toSplitType(String splitId, KafkaPartitionSplitState state) {
    return guard.current(super.toSplitType(splitId, state));
  }

  private void checkStops(KafkaPartitionSplit split) {
    if (!stops.areKnown() && split.getStoppingOffset().isEmpty()) {
      throw new SuppressRestartsException(
          new IOException(
              "Cannot end the job in partition %s, which was restored from a run without an end: where to stop could not be looked up at submission, as a warning there says. Submit it where the brokers can be reached, or with %s never."
                  .formatted(
                      split.getTopicPartition(), JobArguments.flag(JobOptions.UNTIL.key()))));
    }
  }
}
