package dev.crossencoder.bundle;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a batch on the cores of a CPU as a {@link PassPlan} says: the calling thread takes passes,
 * and so do others of the engine's own, which end after a minute without work or with {@link
 * #close}. Safe for use by several threads; each brings as many others.
 */
final class ParallelEngine implements ScoringEngine {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final PassEngine engine;
  private final int threads;
  private final ExecutorService helpers;

  /** Runs forward passes on a number of threads that is up to the caller. */
  interface PassEngine extends AutoCloseable {
    /**
     * Runs one forward pass.
     *
     * @param threads how many threads it uses, the calling one among them
     */
    float[][] forward(PackedBatch batch, int threads);

    @Override
    void close();
  }

  /** One batch while it is worked off by several threads. */
  private final class Work implements Runnable {
    private final PackedBatch batch;
    private final PassPlan plan;
    private final float[][] logits;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch unfinished;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Work(PackedBatch batch, PassPlan plan) {
      this.batch = batch;
      this.plan = plan;
      this.logits = new float[batch.pairs()][];
      this.unfinished = new CountDownLatch(plan.passes().size());
    }

    /** Takes passes until none is left. */
    @Override
    public void run() {
      List<PassPlan.Pass> passes = plan.passes();
      for (int i = next.getAndIncrement(); i < passes.size(); i = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            run(passes.get(i));
          }
        } catch (Throwable t) {
          // Errors too: the thread that waits for this pass must hear of them.
          failure.compareAndSet(null, t);
        } finally {
          unfinished.countDown();
        }
      }
    }

    private void run(PassPlan.Pass pass) {
      PackedBatch part = batch.part(pass.first(), pass.end(), pass.rows());
      float[][] rows = engine.forward(part, plan.threadsPerPass());
      System.arraycopy(rows, 0, logits, pass.first(), rows.length);
    }

    /** Waits for what other threads took. A running pass cannot be stopped, so neither can this. */
    float[][] await() {
      boolean interrupted = false;
      while (true) {
        try {
          unfinished.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable thrown = failure.get();
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
      return logits;
    }
  }

  /**
   * Takes over an engine, which {@link #close} closes.
   *
   * @param threads how many cores one batch may use
   */
  ParallelEngine(PassEngine engine, int threads) {
    this.engine = engine;
    this.threads = threads;
    this.helpers = Executors.newCachedThreadPool(new DaemonThreads());
  }

  @Override
  public float[][] forward(PackedBatch batch) {
    PassPlan plan = PassPlan.of(batch.offsets(), threads);
    Work work = new Work(batch, plan);
    if (plan.threadsPerPass() == 1) {
      for (int i = 1; i < Math.min(threads, plan.passes().size()); i++) {
        helpers.execute(work);
      }
    }
    work.run();
    return work.await();
  }

  @Override
  public void close() {
    helpers.shutdown();
    awaitEnd();
    engine.close();
  }

  /** No pass runs any more; a thread may be about to look for one and find none. */
  private void awaitEnd() {
    boolean interrupted = false;
    while (true) {
      try {
        if (helpers.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class DaemonThreads implements ThreadFactory {
    private final int engineNumber = COUNT.incrementAndGet();
    private final AtomicInteger started = new AtomicInteger();

    @Override
    public Thread newThread(Runnable body) {
      String name = "cross-encoder-cpu-" + engineNumber + "-" + started.incrementAndGet();
      // Outlives Flink jobs: what a job's class loader left on the creating thread must not stay.
      Thread thread = new Thread(null, body, name, 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(ParallelEngine.class.getClassLoader());
      return thread;
    }
  }
}
