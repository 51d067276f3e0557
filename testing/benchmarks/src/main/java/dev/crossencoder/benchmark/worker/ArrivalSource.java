package dev.crossencoder.benchmark.worker;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A bounded source that reads pairs from a file into memory and emits them at the times of a {@link
 * Schedule}, repeating them after the last one. It has one split and no state: a failed benchmark
 * is run again.
 */
final class ArrivalSource implements Source<Arrival, ArrivalSource.Everything, Integer> {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final Schedule schedule;

  /** The only split. */
  record Everything() implements SourceSplit {
    @Override
    public String splitId() {
      return "everything";
    }
  }

  ArrivalSource(String file, Schedule schedule) {
    this.file = file;
    this.schedule = schedule;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<Arrival, Everything> createReader(SourceReaderContext context) {
    return new ArrivalReader(file, schedule);
  }

  @Override
  public SplitEnumerator<Everything, Integer> createEnumerator(
      SplitEnumeratorContext<Everything> context) {
    return new Nothing();
  }

  @Override
  public SplitEnumerator<Everything, Integer> restoreEnumerator(
      SplitEnumeratorContext<Everything> context, Integer checkpoint) {
    return new Nothing();
  }

  @Override
  public SimpleVersionedSerializer<Everything> getSplitSerializer() {
    return new Constant<>(new Everything());
  }

  @Override
  public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
    return new Constant<>(0);
  }

  /** The reader knows its only split. */
  private static final class Nothing implements SplitEnumerator<Everything, Integer> {
    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Everything> splits, int subtask) {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public Integer snapshotState(long checkpoint) {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** A serializer of the only split and of the enumerator's empty state. */
  private record Constant<T>(T value) implements SimpleVersionedSerializer<T> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(T object) {
      return object.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public T deserialize(int version, byte[] serialized) {
      return value;
    }
  }
}
