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
 * Threads that help those who call a model, so that several batches of one call run at the same
 * time. They are daemons, start when they are first needed and end when they have been idle for a
 * while. Safe for use by several threads.
 */
public final class ScoringThreads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringThreads.class);
  private static final long IDLE_SECONDS = 10;

  private final int helpers;
  private final ThreadPoolExecutor executor;

  /** Creates helpers for a caller, as many as told. */
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

  /** How many batches of one call run at the same time: the caller runs one too. */
  public int parallelism() {
    return helpers + 1;
  }

  /**
   * Runs all tasks, some of them on the calling thread, and waits for them.
   *
   * @return their results, in the tasks' order
   * @throws RuntimeException what the first task that failed threw; those not yet begun are left
   *     out
   */
  public <T> List<T> runAll(List<Supplier<T>> tasks) {
    List<CompletableFuture<T>> results = new ArrayList<>(tasks.size());
    tasks.forEach(task -> results.add(new CompletableFuture<>()));
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < tasks.size(); i = next.getAndIncrement()) {
            if (!run(tasks.get(i), results.get(i))) {
              // What remains is cancelled, so that nobody waits for it.
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
      // The model was closed meanwhile, which the caller's own task finds out and says.
      LOG.debug("No helpers any more", e);
    } catch (OutOfMemoryError e) {
      // No thread can be started. Whoever leaves now would leave helpers at work behind, and the
      // caller may close the model under them.
      LOG.warn("Fewer threads score than wanted, no more can be started", e);
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

  /** Lets the threads end once they have nothing to do. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
