package dev.crossencoder.operator;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.GoldenPairs;
import dev.crossencoder.operator.change.FileSystemModels;
import dev.crossencoder.operator.change.LiveModels;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of a task's models while it runs: prepares new revisions beside those that score, and
 * lets those go that no record needs any more. Thread-safe.
 */
final class ModelUpdates implements LiveModels.Task, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelUpdates.class);
  private static final Duration LONGEST_TRIAL = Duration.ofMinutes(5);

  private final PairScorer scorer;
  private final Collection<String> names;
  private final Set<Thread> preparing = ConcurrentHashMap.newKeySet();

  /**
   * What was asked for since the last change, so that several sources of a TaskManager that ask for
   * the same share the work. Guarded by this object.
   */
  private final Map<Request, CompletableFuture<ModelRevision>> requests = new HashMap<>();

  /** The revisions that are prepared and not in use yet. Guarded by this object. */
  private final Set<ModelKey> prepared = new HashSet<>();

  /** Written under the lock of this object. */
  private volatile ModelTag current;

  private Runnable leave = () -> {};

  private record Request(String name, ModelRevision wanted) {}

  /**
   * Creates the updates of a task.
   *
   * @param names the names by which records choose models
   * @param tag the revisions with which the task begins
   */
  ModelUpdates(PairScorer scorer, Collection<String> names, ModelTag tag) {
    this.scorer = scorer;
    this.names = names;
    this.current = tag;
  }

  /** Takes part in the changes of a job's models. */
  void join(LiveModels tasks, String job) {
    leave = tasks.join(job, this);
    scorer.registerVersion(() -> current.version());
  }

  /** Returns the tag with the latest version so far. */
  ModelTag current() {
    return current;
  }

  @Override
  public CompletableFuture<ModelRevision> prepare(String name, ModelRevision wanted) {
    if (!names.contains(name)) {
      return CompletableFuture.failedFuture(
          new InvalidModelException("The job has no model of the name '%s'.".formatted(name)));
    }
    Request request = new Request(name, wanted);
    CompletableFuture<ModelRevision> result = new CompletableFuture<>();
    synchronized (this) {
      CompletableFuture<ModelRevision> same = requests.get(request);
      if (same != null && !same.isCompletedExceptionally()) {
        return same;
      }
      requests.put(request, result);
    }
    Thread thread =
        DaemonThreads.create(
            "cross-encoder-model-update " + wanted.model(),
            () -> {
              try {
                result.complete(prepareNow(name, wanted));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              } finally {
                preparing.remove(Thread.currentThread());
              }
            });
    preparing.add(thread);
    thread.start();
    return result;
  }

  private ModelRevision prepareNow(String name, ModelRevision wanted)
      throws InterruptedException, TimeoutException {
    PairScorer.Found found = scorer.find(name, wanted, true);
    synchronized (this) {
      prepared.add(found.key());
      scorer.keepOnly(needed());
    }
    try {
      if (!scorer.isInMemory(found.main())) {
        AvailableMemory.check(found.revision().toString(), found.bytes());
      }
      TaskModel model = await(scorer.prepare(found.key()));
      if (model == null) {
        LOG.info(
            "The model {} is loaded when the first record needs it: there is no room beside the others.",
            found.revision());
      } else {
        tryOut(model, found, wanted);
      }
      return found.revision();
    } catch (Throwable t) {
      discard(name, found.key().digest());
      throw t;
    }
  }

  private static TaskModel await(CompletableFuture<TaskModel> loading) throws InterruptedException {
    try {
      return loading.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof InterruptedException) {
        throw new InterruptedException("The task has ended");
      }
      throw new IllegalStateException(
          String.valueOf(
              cause.getCause() == null ? cause.getMessage() : cause.getCause().getMessage()),
          cause);
    }
  }

  /**
   * Scores the golden pairs of a model, if it has some. Those of its own folder are newer than the
   * copy in a bundle of the cache.
   */
  private static void tryOut(TaskModel model, PairScorer.Found found, ModelRevision wanted)
      throws InterruptedException, TimeoutException {
    Optional<GoldenPairs> golden =
        folder(FileSystemModels.local(wanted.model())).flatMap(GoldenPairs::read);
    if (golden.isEmpty()) {
      golden = GoldenPairs.read(found.main().folder());
    }
    if (golden.isEmpty()) {
      return;
    }
    List<TextPair> pairs = golden.get().pairs();
    List<PairOutcome> outcomes = model.scoreAlone(pairs, LONGEST_TRIAL);
    for (PairOutcome outcome : outcomes) {
      if (outcome.failed()) {
        throw new InvalidModelException(
            "Cannot score a golden pair of %s: %s"
                .formatted(found.revision(), outcome.failure().message()));
      }
    }
    golden.get().check(outcomes.stream().map(PairOutcome::score).map(Score::logits).toList());
    LOG.info(
        "The model {} gives its {} golden pairs their logits.", found.revision(), pairs.size());
  }

  private static Optional<Path> folder(String model) {
    try {
      return Optional.of(Path.of(model));
    } catch (InvalidPathException e) {
      LOG.debug("Not a folder: {}", model, e);
      return Optional.empty();
    }
  }

  @Override
  public synchronized void discard(String name, String digest) {
    requests.clear();
    if (prepared.remove(new ModelKey(name, digest))) {
      scorer.keepOnly(needed());
    }
  }

  @Override
  public synchronized void use(ModelTag tag) {
    // The coordinator may know more about the same version than the state of this task.
    if (tag.version() >= current.version() && !tag.equals(current)) {
      current = tag;
      requests.clear();
      prepared.removeAll(keys(tag));
      scorer.keepOnly(needed());
    }
  }

  /** Returns the models that records may need from now on. The caller must hold the lock. */
  private Set<ModelKey> needed() {
    Set<ModelKey> needed = keys(current);
    needed.addAll(prepared);
    return needed;
  }

  private Set<ModelKey> keys(ModelTag tag) {
    Set<ModelKey> keys = new HashSet<>();
    names.forEach(name -> keys.add(scorer.key(name, tag.revision(name))));
    return keys;
  }

  /** Takes no part in changes any more, and ends those that are being prepared. */
  @Override
  public void close() {
    leave.run();
    preparing.forEach(Thread::interrupt);
  }
}
