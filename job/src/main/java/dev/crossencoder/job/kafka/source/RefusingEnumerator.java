package dev.crossencoder.job.kafka.source;

import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * Fails the job when it starts, because of the state that it was to continue from. Flink can ignore
 * an exception of {@code restoreEnumerator}: if it restores the state before the job is scheduled,
 * the job then runs without reading.
 *
 * @param <S> the type of the state
 */
final class RefusingEnumerator<S> implements SplitEnumerator<KafkaPartitionSplit, S> {
  private final RuntimeException reason;
  private final S state;

  RefusingEnumerator(RuntimeException reason, S state) {
    this.reason = reason;
    this.state = state;
  }

  @Override
  public void start() {
    throw reason;
  }

  @Override
  public void handleSplitRequest(int subtaskId, String requesterHostname) {}

  @Override
  public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtaskId) {}

  @Override
  public void addReader(int subtaskId) {}

  @Override
  public S snapshotState(long checkpointId) {
    return state;
  }

  @Override
  public void close() {}
}
