package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.change.ChangeEvent;
import dev.crossencoder.job.change.SubtaskModels;
import dev.crossencoder.job.kafka.SafeClose;
import dev.crossencoder.job.options.JobOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
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
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The connector's reader, with three changes. Its splits stop at this run's stopping offsets,
 * regardless of the offsets in the state. It reports the restored partitions to the enumerator. If
 * the job changes its models, it emits no record before it knows which of them score it. When it is
 * closed, it commits the consumer group's offsets of the last complete checkpoint, so that the next
 * run continues there after the end of this run or after a savepoint that stopped it. Owned by the
 * task thread.
 */
@SuppressWarnings("try")
final class PositionedReader extends KafkaSourceReader<KafkaRecord> {
  private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(10);

  /** A failed task must not wait long for brokers, which may be the cause of its failure. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final StoppingOffsets stops;
  private final PositionGuard guard;
  private final OffsetCommits commits;
  private final Set<TopicPartition> restored = new HashSet<>();

  /** Null if the job does not change its models. */
  private final SubtaskModels models;

  private boolean started;
  private boolean ended;

  PositionedReader(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      KafkaSourceFetcherManager fetchers,
      KafkaRecordEmitter<KafkaRecord> emitter,
      Configuration consumer,
      SourceReaderContext context,
      KafkaSourceReaderMetrics metrics,
      StoppingOffsets stops,
      PositionGuard guard,
      OffsetCommits commits,
      SubtaskModels models) {
    super(queue, fetchers, emitter, consumer, context, metrics);
    this.stops = stops;
    this.guard = guard;
    this.commits = commits;
    this.models = models;
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (models != null && event instanceof ChangeEvent change) {
      models.handle(change);
    } else {
      super.handleSourceEvents(event);
    }
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return models == null || models.isKnown() ? super.isAvailable() : models.known();
  }

  @Override
  public InputStatus pollNext(ReaderOutput<KafkaRecord> output) throws Exception {
    if (models != null && !models.isKnown()) {
      return InputStatus.NOTHING_AVAILABLE;
    }
    InputStatus status = super.pollNext(output);
    ended = status == InputStatus.END_OF_INPUT;
    return status;
  }

  @Override
  public void close() throws Exception {
    if (models != null) {
      models.close();
    }
    super.close();
    SafeClose.close(
        "a source after its group's last offsets",
        () -> commits.commitLast(ended ? PATIENCE_AT_THE_END : PATIENCE));
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
              "Cannot end the job in partition %s, which was restored from a run without an end: the offset at which to stop could not be read at submission, as a warning there says. Submit the job where the brokers can be reached, or with %s never."
                  .formatted(split.getTopicPartition(), JobOptions.flag(JobOptions.UNTIL))));
    }
  }
}
