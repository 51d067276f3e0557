package dev.crossencoder.operator;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;

/**
 * Fails once, after the second checkpoint, and returns its input otherwise. A source that is read
 * for longer than two checkpoints cannot have ended by then.
 */
final class FailingOnce<T> extends RichMapFunction<T, T> implements CheckpointListener {
  /** The number of failures so far in this JVM. A test sets it to zero. */
  static final AtomicInteger failures = new AtomicInteger();

  private static final long serialVersionUID = 1L;

  private transient int checkpoints;

  @Override
  public T map(T value) {
    if (checkpoints >= 2 && failures.compareAndSet(0, 1)) {
      throw new IllegalStateException("fails once");
    }
    return value;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    checkpoints++;
  }
}
