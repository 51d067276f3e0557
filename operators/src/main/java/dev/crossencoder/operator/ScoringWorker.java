package dev.crossencoder.operator;

import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of a scoring thread: takes a batch, runs the forward pass and distributes the scores,
 * until the queue is closed. A batch that does not fit into the memory of the device is halved
 * repeatedly.
 */
final class ScoringWorker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringWorker.class);

  private final ScoringModel model;
  private final BatchQueue batches;
  private final BatchQueue.Source source;
  private final Consumer<PendingPair> resume;
  private final LogLimit halvings = new LogLimit();
  private volatile Thread thread;
  private volatile Forward running;

  /** The forward pass that is running, for {@link #describe}. */
  private record Forward(int pairs, int tokens, long startNanos) {}

  /**
   * Creates a worker.
   *
   * @param batches the queue to which the cores of a batch are returned
   * @param source the method of the queue that returns the next batch
   * @param resume receives a pair that has further parts to tokenize
   */
  ScoringWorker(
      ScoringModel model,
      BatchQueue batches,
      BatchQueue.Source source,
      Consumer<PendingPair> resume) {
    this.model = model;
    this.batches = batches;
    this.source = source;
    this.resume = resume;
  }

  void start(Thread newThread) {
    thread = newThread;
    newThread.start();
  }

  Thread thread() {
    return thread;
  }

  /** Describes what the thread is doing. May be called by any thread. */
  String describe() {
    Forward forward = running;
    String work =
        forward == null
            ? "waiting for a batch"
            : "in a forward pass of %d pairs with %d tokens for %d ms"
                .formatted(
                    forward.pairs(),
                    forward.tokens(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - forward.startNanos()));
    return "%s is %s (%s)".formatted(thread.getName(), work, thread.getState());
  }

  @Override
  public void run() {
    boolean open = true;
    while (open) {
      try {
        open = scoreNext();
      } catch (InterruptedException e) {
        LOG.debug("{} was interrupted", thread.getName());
      } catch (Throwable t) {
        // Waiting records must get an outcome, and the thread must continue for later records.
        batches.failAll(t);
      }
    }
  }

  /** Scores the next batch. Returns false once the queue is closed. */
  private boolean scoreNext() throws InterruptedException {
    Batch batch = source.take();
    if (batch.pairs().isEmpty()) {
      return false;
    }
    try {
      score(batch.pairs(), batch.passThreads());
    } catch (Throwable t) {
      // Also for Errors: a future nobody completes would stall the operator instead of failing it.
      for (PendingPair pair : batch.pairs()) {
        pair.record().error(t);
      }
    } finally {
      batches.done(batch);
    }
    return true;
  }

  private void score(List<PendingPair> batch, int passThreads) {
    List<Score> scores;
    try {
      scores = forward(batch, passThreads);
    } catch (DeviceOutOfMemoryException e) {
      halve(batch, passThreads, e);
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      complete(batch.get(i), scores.get(i));
    }
  }

  private void halve(List<PendingPair> batch, int passThreads, DeviceOutOfMemoryException e) {
    if (batch.size() == 1) {
      batch.get(0).fail(new Failure(Failure.DEVICE_OUT_OF_MEMORY, String.valueOf(e.getMessage())));
      return;
    }
    pairsByOperator(batch).keySet().forEach(ScoringMetrics::halved);
    if (halvings.permits()) {
      LOG.warn(
          "A batch of {} pairs does not fit into memory and is halved. Further ones are logged once a minute at most.",
          batch.size(),
          e);
    }
    int half = batch.size() / 2;
    score(batch.subList(0, half), passThreads);
    score(batch.subList(half, batch.size()), passThreads);
  }

  private List<Score> forward(List<PendingPair> batch, int passThreads) {
    int tokens = batch.stream().mapToInt(pair -> pair.encoded().length()).sum();
    long start = System.nanoTime();
    running = new Forward(batch.size(), tokens, start);
    try {
      batch.forEach(pair -> pair.metrics().queued(start - pair.readyNanos()));
      List<Score> scores =
          model.scoreBatch(batch.stream().map(PendingPair::encoded).toList(), passThreads);
      long nanos = System.nanoTime() - start;
      pairsByOperator(batch)
          .forEach(
              (metrics, pairs) -> {
                metrics.forward(batch.size(), tokens, nanos);
                metrics.busy(passThreads * nanos * pairs / batch.size());
              });
      return scores;
    } finally {
      running = null;
    }
  }

  /** Returns the number of pairs in a batch by operator. */
  private static Map<ScoringMetrics, Long> pairsByOperator(List<PendingPair> batch) {
    return batch.stream()
        .collect(Collectors.groupingBy(PendingPair::metrics, Collectors.counting()));
  }

  private void complete(PendingPair pair, Score score) {
    if (!score.isFinite() && !pair.isForEvidence()) {
      pair.fail(
          new Failure(
              Failure.NON_FINITE_SCORE,
              "The model returned a score that is NaN or infinite for pair %d of the record."
                  .formatted(pair.index())));
    } else if (pair.score(score)) {
      resume.accept(pair);
    }
  }
}
