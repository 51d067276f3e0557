package dev.crossencoder.operator;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Slow work that several tasks may want at the same time, such as compiling a model: done once for
 * all who ask meanwhile, on a thread of its own, so that each of them can be interrupted while it
 * waits. Work that nobody waits for any more is interrupted. Safe for use by several threads.
 *
 * @param <K> what identifies the work
 * @param <V> its result
 */
final class SharedWork<K, V> {
  private final String threadName;
  private final Map<K, Work<V>> running = new HashMap<>();

  /** Guarded by the map's owner, but for the future. */
  private static final class Work<V> {
    private final CompletableFuture<V> result = new CompletableFuture<>();
    private Thread thread;
    private int waiting;
    private boolean abandoned;
  }

  /** Creates one whose threads have a name with the key behind it. */
  SharedWork(String threadName) {
    this.threadName = threadName;
  }

  /**
   * Returns the result of the work, which is done now unless it is being done already.
   *
   * @throws InterruptedException if the caller is interrupted, at once
   * @throws RuntimeException what the work threw, to all who waited for it; the next caller has it
   *     done again
   */
  V get(K key, Supplier<V> work) throws InterruptedException {
    Work<V> joined = join(key, work);
    while (joined == null) {
      joined = join(key, work);
    }
    try {
      return await(joined.result);
    } finally {
      leave(joined);
    }
  }

  /** Joins or starts the work; null if it had been abandoned, and has ended by now. */
  private Work<V> join(K key, Supplier<V> work) throws InterruptedException {
    Work<V> found;
    synchronized (this) {
      found = running.get(key);
      if (found == null) {
        return start(key, work);
      }
      if (!found.abandoned) {
        found.waiting++;
        return found;
      }
    }
    // Whatever became of it, nobody wants it.
    await(found.result.handle((value, failure) -> true));
    return null;
  }

  private Work<V> start(K key, Supplier<V> work) {
    Work<V> started = new Work<>();
    started.waiting = 1;
    started.thread = DaemonThreads.create(threadName + " " + key, () -> run(key, started, work));
    running.put(key, started);
    try {
      started.thread.start();
    } catch (Throwable t) {
      running.remove(key);
      throw t;
    }
    return started;
  }

  private void run(K key, Work<V> started, Supplier<V> work) {
    V value = null;
    Throwable failure = null;
    try {
      value = work.get();
    } catch (Throwable t) {
      failure = t;
    }
    synchronized (this) {
      running.remove(key);
    }
    if (failure == null) {
      started.result.complete(value);
    } else {
      started.result.completeExceptionally(failure);
    }
  }

  private synchronized void leave(Work<V> left) {
    left.waiting--;
    if (left.waiting == 0 && !left.result.isDone()) {
      left.abandoned = true;
      left.thread.interrupt();
    }
  }

  /** Waits for a result, and throws what its maker threw. */
  static <V> V await(CompletableFuture<V> result) throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("Cannot use what failed: " + e.getCause(), e.getCause());
    }
  }
}
