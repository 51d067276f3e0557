package dev.crossencoder.benchmark.worker;

import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

/**
 * Emits pairs at their scheduled times. Owned by the task thread. A timer thread of the JDK
 * completes the futures that wake it.
 */
final class ArrivalReader implements SourceReader<Arrival, ArrivalSource.Everything> {
  private final String file;
  private final Schedule schedule;

  private List<TextPair> pairs;
  private long startNanos;
  private int next;

  ArrivalReader(String file, Schedule schedule) {
    this.file = file;
    this.schedule = schedule;
  }

  @Override
  public void start() {
    try {
      pairs = PairFile.read(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read pairs from " + file, e);
    }
    startNanos = System.nanoTime();
  }

  @Override
  public InputStatus pollNext(ReaderOutput<Arrival> output) {
    if (next < schedule.size() && waitNanos() <= 0) {
      TextPair pair = pairs.get(next % pairs.size());
      output.collect(new Arrival(next, startNanos + schedule.nanos(next), pair));
      next++;
    }
    if (next == schedule.size()) {
      return InputStatus.END_OF_INPUT;
    }
    return waitNanos() <= 0 ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    long wait = next < schedule.size() ? waitNanos() : 0;
    return wait <= 0
        ? CompletableFuture.completedFuture(null)
        : new CompletableFuture<Void>().completeOnTimeout(null, wait, TimeUnit.NANOSECONDS);
  }

  private long waitNanos() {
    return startNanos + schedule.nanos(next) - System.nanoTime();
  }

  @Override
  public List<ArrivalSource.Everything> snapshotState(long checkpoint) {
    return List.of();
  }

  @Override
  public void addSplits(List<ArrivalSource.Everything> splits) {}

  @Override
  public void notifyNoMoreSplits() {}

  @Override
  public void close() {}
}
