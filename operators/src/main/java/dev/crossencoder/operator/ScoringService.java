package dev.crossencoder.operator;

import dev.crossencoder.model.PairTooLongException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded model on one device, with its threads: tokenizer threads and scoring threads. All
 * operators and slots that use the model on this device share the service. Each operator has its
 * own {@link Lane}; lanes are scheduled fairly.
 *
 * <p>Threads: {@link #submit} may be called by any thread and never blocks. The threads of the
 * service are daemons, reference no user class loader, and keep no pair after it is scored or
 * abandoned.
 */
final class ScoringService {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringService.class);

  private static final Duration FOREVER = Duration.ofDays(1);

  /** Tokenized batches per core that may wait: the next batch, and one that is being filled. */
  private static final int BATCHES_AHEAD = 2;

  private final String name;
  private final ScoringModel model;
  private final TextQueue texts = new TextQueue();
  private final BatchQueue batches;
  private final List<Thread> tokenizers = new ArrayList<>();
  private final List<ScoringWorker> workers = new ArrayList<>();

  /** Null if scores are not cached. */
  private final ScoreCache cache;

  private final LogLimit refusals = new LogLimit();
  private volatile boolean closed;

  /**
   * Creates a service without threads.
   *
   * @param cacheBytes the largest size of the cached scores; 0 for no cache
   */
  ScoringService(String name, ScoringModel model, BatchQueue batches, long cacheBytes) {
    this.name = name;
    this.model = model;
    this.batches = batches;
    this.cache = cacheBytes == 0 ? null : new ScoreCache(cacheBytes, texts::begin);
    batches.onRoom(texts::roomMade);
  }

  /** Starts tokenizer threads until there are {@code count}. */
  synchronized void ensureTokenizers(int count) {
    while (tokenizers.size() < count) {
      Thread thread =
          DaemonThreads.create(
              "cross-encoder-tokenizer-%d %s".formatted(tokenizers.size(), name), this::tokenize);
      thread.start();
      tokenizers.add(thread);
    }
  }

  /**
   * Starts scoring threads, each with a core for its forward passes, until there are {@code count}.
   */
  synchronized void ensureWorkers(int count) {
    while (workers.size() < count) {
      BatchQueue.Source source = workers.isEmpty() ? batches::take : batches::takeForOneCore;
      ScoringWorker worker = new ScoringWorker(model, batches, source, texts::resume);
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

  /** The number of scoring threads. */
  synchronized int scoringThreads() {
    return workers.size();
  }

  /** The number of cached scores. */
  long cachedScores() {
    return cache == null ? 0 : cache.size();
  }

  /** Adds a record. Its listener receives the outcome, unless the record is abandoned. */
  void submit(PendingRecord record) {
    texts.add(record);
  }

  /** Removes everything that an operator has submitted. */
  void leave(Lane lane) {
    texts.remove(lane);
    batches.remove(lane);
  }

  /** Describes in one sentence what waits and what the scoring threads are doing. */
  synchronized String describe() {
    return "%d pairs wait to be tokenized, %d for a batch; %s"
        .formatted(
            texts.size(),
            batches.size(),
            workers.stream().map(ScoringWorker::describe).collect(Collectors.joining("; ")));
  }

  private void tokenize() {
    while (!closed) {
      try {
        PendingPair pair = texts.take();
        if (pair != null) {
          handle(pair);
        }
      } catch (InterruptedException e) {
        LOG.debug("A tokenizer of {} was interrupted", name);
      } catch (Throwable t) {
        // Waiting records must get an outcome, and the thread must continue for later records.
        texts.failAll(t);
      }
    }
  }

  /** Tokenizes the next part of a pair, unless it need not be scored. */
  private void handle(PendingPair pair) {
    long start = System.nanoTime();
    try {
      if (!pair.isDone() && mustBeScored(pair)) {
        tokenize(pair);
      }
    } catch (Throwable t) {
      pair.record().error(t);
    } finally {
      texts.finished(pair, System.nanoTime() - start);
    }
  }

  /** Asks the cache, if there is one, for the score of a pair that is not begun. */
  private boolean mustBeScored(PendingPair pair) {
    return cache == null || !pair.mayBeCached() || cache.claim(pair);
  }

  private void tokenize(PendingPair pair) {
    long start = System.nanoTime();
    boolean begun = pair.isBegun();
    Part part = nextPart(pair);
    if (part == null) {
      return;
    }
    long end = System.nanoTime();
    pair.metrics().tokenized(end - start);
    part.pair().ready(end);
    batches.add(part.pair());
    // From here on, the scoring thread of the last part may give the pair to another tokenizer.
    if (part.more() && begun) {
      texts.resume(pair);
    } else if (part.more()) {
      texts.begin(pair);
    }
  }

  /**
   * A tokenized part of a pair.
   *
   * @param more whether the pair has further parts
   */
  private record Part(PendingPair pair, boolean more) {}

  /**
   * Tokenizes the next part of a pair. If the tokenizer fails on the text or the pair is too long,
   * fails the pair and returns null.
   */
  private Part nextPart(PendingPair pair) {
    try {
      PendingPair part = pair.nextPart(model);
      // Asked before the part is in a batch: the score of the last part may add others, and then
      // its scoring thread resumes the pair.
      return new Part(part, part.hasNextPart());
    } catch (PairTooLongException e) {
      pair.fail(
          new Failure(
              Failure.PAIR_TOO_LONG,
              pair.record().keepsFailedPairs()
                  ? e.getMessage()
                  : "Pair %d of the record: %s".formatted(pair.index(), e.getMessage())));
      return null;
    } catch (RuntimeException e) {
      if (refusals.permits()) {
        LOG.warn("Cannot tokenize a pair. Further ones are logged once a minute at most.", e);
      }
      pair.fail(new Failure(Failure.TOKENISATION_FAILED, "The tokenizer failed on the text."));
      return null;
    }
  }

  /**
   * Stops all threads and frees the model. A running forward pass cannot be stopped, and freeing
   * its model would crash the process. If the pass does not end before the deadline, this method
   * logs an error, gives the cores of the pass to the other models of the device, and returns; a
   * background thread frees the model when the pass ends. If the pass never ends, the memory of the
   * model is leaked.
   */
  void close(Duration deadline) {
    closed = true;
    batches.close();
    texts.close();
    if (join(System.nanoTime() + deadline.toNanos())) {
      model.close();
      return;
    }
    batches.forfeitCores();
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

  /** Interrupts all threads, waits for them, and returns whether they have ended. */
  private boolean join(long endNanos) {
    List<Thread> threads = new ArrayList<>();
    synchronized (this) {
      threads.addAll(tokenizers);
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
          // Cancellation interrupts the task thread, but a model in use must not be freed.
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
