package dev.crossencoder.model.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of helper threads with which one call scores several batches at the same time. The threads
 * are daemons; they start on demand and end after 10 idle seconds. Thread-safe.
 */
public final class ScoringThreads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringThreads.class);
  private static final long IDLE_SECONDS = 10;

  private final int helpers;
  private final ThreadPoolExecutor executor;

  /**
   * Creates a pool.
   *
   * @param name part of the threads' names
   * @param helpers the number of threads, without the calling thread
   */
  public ScoringThreads(String name, int helpers) {
    this(helpers, daemons(name));
  }

  public ScoringThreads(int helpers, ThreadFactory factory) {
    this.helpers = helpers;
    this.executor =
        new ThreadPoolExecutor(
            Math.max(1, helpers),
            Math.max(1, helpers),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            factory);
    executor.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory daemons(String name) {
    AtomicInteger started = new AtomicInteger();
    return body -> {
      Thread thread =
          new Thread(
              null,
              body,
              "cross-encoder-helper-%d %s".formatted(started.getAndIncrement(), name),
              0,
              false);
      thread.setDaemon(true);
      thread.setContextClassLoader(ScoringThreads.class.getClassLoader());
      return thread;
    };
  }

  /** The number of batches of one call that run at the same time: helpers and the caller. */
  public int parallelism() {
    return helpers + 1;
  }

  /**
   * Runs all tasks on the calling thread and the helpers, and waits for them. When a task fails,
   * tasks that have not started are skipped.
   *
   * @return the results, in the order of the tasks
   * @throws RuntimeException the exception of the first task in the list that failed
   */
  public <T> List<T> runAll(List<Supplier<T>> tasks) {
    List<CompletableFuture<T>> results = new ArrayList<>(tasks.size());
    tasks.forEach(task -> results.add(new CompletableFuture<>()));
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < tasks.size(); i = next.getAndIncrement()) {
            if (!run(tasks.get(i), results.get(i))) {
              // Cancel the remaining tasks, so that nobody waits for their results.
              for (int left = next.getAndAdd(tasks.size()); left < tasks.size(); left++) {
                results.get(left).cancel(false);
              }
            }
          }
        };
    try {
      for (int i = 0; i < Math.min(helpers, tasks.size() - 1); i++) {
        executor.execute(worker);
      }
    } catch (RejectedExecutionException e) {
      // The pool was closed meanwhile. The task on the calling thread reports that.
      LOG.debug("Cannot start helper threads, the pool is closed", e);
    } catch (OutOfMemoryError e) {
      // No thread can be started. Do not throw: helpers may be at work already, and the caller
      // could close the model while they use it.
      LOG.warn("Cannot start more helper threads, scoring continues with fewer threads", e);
    }
    worker.run();
    results.forEach(result -> result.exceptionally(failure -> null).join());
    return results.stream().map(ScoringThreads::value).toList();
  }

  private static <T> boolean run(Supplier<T> task, CompletableFuture<T> result) {
    try {
      result.complete(task.get());
      return true;
    } catch (Throwable t) {
      result.completeExceptionally(t);
      return false;
    }
  }

  private static <T> T value(CompletableFuture<T> result) {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
  }

  /** Ends the threads as soon as they are idle. Running tasks complete. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
