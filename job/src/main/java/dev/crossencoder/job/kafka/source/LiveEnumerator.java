package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.change.ChangeEvent;
import dev.crossencoder.job.change.LiveChanges;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * An enumerator of partitions, with the changes of the job's models beside it. Owned by the
 * coordinator thread.
 */
final class LiveEnumerator implements SplitEnumerator<KafkaPartitionSplit, SourceState> {
  private final SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> partitions;

  /** Null if the job does not change its models. */
  private final LiveChanges changes;

  LiveEnumerator(
      SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> partitions, LiveChanges changes) {
    this.partitions = partitions;
    this.changes = changes;
  }

  @Override
  public void start() {
    partitions.start();
    if (changes != null) {
      changes.start();
    }
  }

  @Override
  public void handleSplitRequest(int subtask, String host) {
    partitions.handleSplitRequest(subtask, host);
  }

  @Override
  public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtask) {
    partitions.addSplitsBack(splits, subtask);
  }

  @Override
  public void addReader(int subtask) {
    if (changes != null) {
      changes.readerAdded(subtask);
    }
    partitions.addReader(subtask);
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (changes != null && event instanceof ChangeEvent change) {
      changes.handle(subtask, change);
    } else {
      partitions.handleSourceEvent(subtask, event);
    }
  }

  @Override
  public SourceState snapshotState(long checkpointId) throws Exception {
    return new SourceState(
        partitions.snapshotState(checkpointId), changes == null ? null : changes.state());
  }

  @Override
  public void close() throws IOException {
    try {
      if (changes != null) {
        changes.close();
      }
    } finally {
      partitions.close();
    }
  }
}
