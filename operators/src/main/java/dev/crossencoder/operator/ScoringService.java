package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.PairTooLongException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded model on one device with the threads that serve it: one tokenises, one or more score.
 * Every operator and slot that uses the model on this device submits here, each in a lane of its
 * own; they take turns at the tokeniser and at the device.
 *
 * <p>Threads: {@link #submit} may be called by any thread and never blocks. The service's own
 * threads are daemons, carry no user class loader, and keep no pair once it is scored or abandoned.
 */
final class ScoringService {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringService.class);

  private static final Duration FOREVER = Duration.ofDays(1);

  /** Batches for each core that may wait: the next one, and one more while pairs are tokenised. */
  private static final int BATCHES_AHEAD = 2;

  private final String name;
  private final ScoringModel model;
  private final TextQueue texts = new TextQueue();
  private final BatchQueue batches;
  private final Thread tokeniser;
  private final List<ScoringWorker> workers = new ArrayList<>();
  private final LogLimit refusals = new LogLimit();
  private volatile boolean closed;

  ScoringService(String name, ScoringModel model, BatchQueue batches) {
    this.name = name;
    this.model = model;
    this.batches = batches;
    batches.onRoom(texts::roomMade);
    this.tokeniser = DaemonThreads.create("cross-encoder-tokeniser " + name, this::tokenise);
    tokeniser.start();
  }

  /**
   * Starts scoring threads, each with a core for its forward passes, until there are at least as
   * many as told.
   */
  synchronized void ensureWorkers(int count) {
    while (workers.size() < count) {
      BatchQueue.Source source = workers.isEmpty() ? batches::take : batches::takeForOneCore;
      ScoringWorker worker = new ScoringWorker(model, batches, source);
      Thread thread =
          DaemonThreads.create(
              "cross-encoder-scorer-%d %s".formatted(workers.size(), name), worker);
      worker.start(thread);
      workers.add(worker);
      batches.addCores(1);
    }
    long batchesAhead = (long) BATCHES_AHEAD * workers.size();
    texts.allowAhead(
        batchesAhead * batches.limits().maxPairs(), batchesAhead * batches.limits().maxTokens());
  }

  /** How many threads score. */
  synchronized int scoringThreads() {
    return workers.size();
  }

  /** Takes a record; its listener hears of the outcome unless it is abandoned. */
  void submit(PendingRecord record) {
    texts.add(record);
  }

  /** Lets go of all that an operator has submitted. */
  void leave(Lane lane) {
    texts.remove(lane);
    batches.remove(lane);
  }

  /** Says in one sentence what waits and what the scoring threads do. */
  synchronized String describe() {
    return "%d pairs wait for tokens, %d for a batch; %s"
        .formatted(
            texts.size(),
            batches.size(),
            workers.stream().map(ScoringWorker::describe).collect(Collectors.joining("; ")));
  }

  private void tokenise() {
    while (!closed) {
      try {
        PendingPair pair = texts.take();
        if (pair != null && !pair.record().isDone()) {
          tokenise(pair);
        }
      } catch (InterruptedException e) {
        LOG.debug("The tokeniser of {} was interrupted", name);
      } catch (Throwable t) {
        // Whoever waits for this thread must hear of it, and those who come later must be served.
        texts.failAll(t);
      }
    }
  }

  private void tokenise(PendingPair pair) {
    long start = System.nanoTime();
    try {
      EncodedPair encoded = encode(pair);
      if (encoded != null) {
        long end = System.nanoTime();
        pair.metrics().tokenised(end - start);
        pair.tokenised(encoded, end);
        batches.add(pair);
      }
    } catch (Throwable t) {
      pair.record().error(t);
    } finally {
      texts.spent(pair.lane(), System.nanoTime() - start);
    }
  }

  /**
   * The tokens of a pair; null if the tokeniser refuses it or it cannot be made to fit, which fails
   * its record.
   */
  private EncodedPair encode(PendingPair pair) {
    try {
      return model.encode(pair.text());
    } catch (PairTooLongException e) {
      pair.record()
          .fail(
              new Failure(
                  Failure.PAIR_TOO_LONG,
                  "Pair %d of the record: %s".formatted(pair.index(), e.getMessage())));
      return null;
    } catch (RuntimeException e) {
      if (refusals.permits()) {
        LOG.warn("Cannot tokenise a pair. Further ones are logged once a minute at most.", e);
      }
      pair.record()
          .fail(new Failure(Failure.TOKENISATION_FAILED, "The tokeniser refused the text."));
      return null;
    }
  }

  /**
   * Stops all threads and frees the model. A forward pass that is running cannot be stopped, and
   * freeing the model under it would crash the process: if it does not end before the deadline, the
   * model is freed when it does, and leaked if it hangs.
   */
  void close(Duration deadline) {
    closed = true;
    batches.close();
    texts.close();
    if (join(System.nanoTime() + deadline.toNanos())) {
      model.close();
      return;
    }
    LOG.error(
        "Cannot free the model {}, a thread is still using it after {}: {}. It is freed when that ends; if it hangs, its memory is leaked until the process ends.",
        name,
        deadline,
        describe());
    DaemonThreads.create("cross-encoder-closer " + name, this::closeWhenUnused).start();
  }

  private void closeWhenUnused() {
    while (!join(System.nanoTime() + FOREVER.toNanos())) {
      LOG.debug("The model {} is still in use", name);
    }
    model.close();
    LOG.info("Freed the model {}, the thread that was using it has ended.", name);
  }

  /** Waits for all threads, and returns whether they have ended. */
  private boolean join(long endNanos) {
    List<Thread> threads = new ArrayList<>(List.of(tokeniser));
    synchronized (this) {
      workers.forEach(worker -> threads.add(worker.thread()));
    }
    boolean ended = true;
    for (Thread thread : threads) {
      ended &= join(thread, endNanos);
    }
    return ended;
  }

  private static boolean join(Thread thread, long endNanos) {
    boolean interrupted = false;
    try {
      thread.interrupt();
      while (thread.isAlive() && System.nanoTime() < endNanos) {
        try {
          thread.join(Math.max(1, (endNanos - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
          // Cancellation interrupts the task thread, but the model must not be freed in use.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return !thread.isAlive();
  }
}
