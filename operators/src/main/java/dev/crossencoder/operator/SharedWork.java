package dev.crossencoder.operator;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Runs slow work, such as compiling a model, once for all callers that request the same key at the
 * same time. The work runs on a separate thread, so that a waiting caller can be interrupted. When
 * no caller waits any more, that thread is interrupted. Thread-safe.
 *
 * @param <K> the type of keys, which identify work
 * @param <V> the type of results
 */
final class SharedWork<K, V> {
  private final String threadName;
  private final Map<K, Work<V>> running = new HashMap<>();

  /** Guarded by the {@code SharedWork}, except for the future. */
  private static final class Work<V> {
    private final CompletableFuture<V> result = new CompletableFuture<>();
    private Thread thread;
    private int waiting;
    private boolean abandoned;
  }

  /**
   * Creates an instance.
   *
   * @param threadName the thread names are this, a space and the key
   */
  SharedWork(String threadName) {
    this.threadName = threadName;
  }

  /**
   * Returns the result of the work. Starts the work unless it is already running.
   *
   * @throws InterruptedException as soon as the caller is interrupted
   * @throws RuntimeException the exception of the work, thrown to all waiting callers; the next
   *     call starts the work again
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

  /** Joins or starts the work. Returns null if the running work was abandoned and has now ended. */
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
    // The outcome of abandoned work is discarded.
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

  /** Waits for a result. Rethrows the exception with which the future was completed. */
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
      throw new IllegalStateException("The shared operation failed: " + e.getCause(), e.getCause());
    }
  }
}
