package dev.crossencoder.job.change;

import dev.crossencoder.job.options.JobOptions.ModelUpdate;
import dev.crossencoder.operator.change.LiveModels;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import dev.crossencoder.operator.change.ModelWatcher;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.runtime.metrics.scope.ScopeFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a subtask of the source: the tag of the records that it emits, and the preparation
 * of revisions by the tasks that score in the same TaskManager. Owned by the task thread; waits on
 * a thread of its own.
 */
@Internal
public final class SubtaskModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SubtaskModels.class);

  /** Tasks that are not chained to the source may start after it. */
  private static final Duration LONGEST_WAIT_FOR_TASKS = Duration.ofMinutes(1);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final SourceReaderContext context;
  private final String job;
  private final CompletableFuture<Void> known = new CompletableFuture<>();
  private final ScheduledExecutorService watching;

  /** A preparation may take long, and a later one must not wait for it. */
  private final ExecutorService preparing;

  private String tag;

  /** Creates the models of a subtask. */
  public SubtaskModels(SourceReaderContext context, LiveConfig config) {
    this.context = context;
    this.job = context.metricGroup().getAllVariables().getOrDefault(ScopeFormat.SCOPE_JOB_ID, "");
    int subtask = context.getIndexOfSubtask();
    ThreadFactory threads =
        body -> {
          Thread thread = new Thread(body, "cross-encoder-model-change " + subtask);
          thread.setDaemon(true);
          return thread;
        };
    watching = Executors.newSingleThreadScheduledExecutor(threads);
    preparing = Executors.newCachedThreadPool(threads);
    if (config.updates().update() == ModelUpdate.POLL && subtask == 0) {
      ModelWatcher watcher =
          new ModelWatcher(
              config.models(),
              (name, revision) ->
                  context.sendSourceEventToCoordinator(new ChangeEvent.Seen(name, revision)));
      long millis = config.updates().pollInterval().toMillis();
      var unused =
          watching.scheduleWithFixedDelay(watcher::look, millis, millis, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether the tag of the records is known. Before that, none must be emitted. */
  public boolean isKnown() {
    return known.isDone();
  }

  /** Is completed once the tag of the records is known. */
  public CompletableFuture<Void> known() {
    return known;
  }

  /** Returns the text of the tag of the records; null for the models of the options. */
  public String tag() {
    return tag;
  }

  /** Takes what the coordinator has sent. */
  public void handle(ChangeEvent event) {
    if (event instanceof ChangeEvent.Use use) {
      tag = use.tag();
      ModelTag parsed = ModelTag.parse(tag);
      LiveModels.SHARED.tasks(job).forEach(task -> task.use(parsed));
      known.complete(null);
    } else if (event instanceof ChangeEvent.Prepare prepare) {
      preparing.execute(() -> prepare(prepare));
    } else if (event instanceof ChangeEvent.Discard discard) {
      LiveModels.SHARED.tasks(job).forEach(task -> task.discard(discard.name(), discard.digest()));
    }
  }

  private void prepare(ChangeEvent.Prepare wanted) {
    ChangeEvent.Prepared report;
    try {
      List<ModelRevision> found = find(wanted);
      Set<String> digests = found.stream().map(ModelRevision::digest).collect(Collectors.toSet());
      report =
          digests.size() > 1
              ? new ChangeEvent.Prepared(
                  wanted.change(), null, "Its tasks have found different bundles: " + digests)
              : new ChangeEvent.Prepared(
                  wanted.change(), found.isEmpty() ? null : found.get(0), null);
    } catch (ExecutionException e) {
      LOG.warn("Cannot prepare the model {}", wanted.wanted(), e);
      report =
          new ChangeEvent.Prepared(
              wanted.change(), null, String.valueOf(e.getCause().getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      context.sendSourceEventToCoordinator(report);
    } catch (RuntimeException e) {
      LOG.debug("The task has ended; the next attempt is asked again", e);
    }
  }

  /**
   * Lets the tasks of this TaskManager prepare a revision. If a task ends meanwhile, those that run
   * then are asked; this subtask may end, too, and interrupts the caller.
   */
  private List<ModelRevision> find(ChangeEvent.Prepare wanted)
      throws InterruptedException, ExecutionException {
    while (true) {
      List<LiveModels.Task> tasks = awaitTasks();
      List<CompletableFuture<ModelRevision>> prepared =
          tasks.stream().map(task -> task.prepare(wanted.name(), wanted.wanted())).toList();
      try {
        CompletableFuture.allOf(prepared.toArray(CompletableFuture<?>[]::new)).get();
        return prepared.stream().map(CompletableFuture::join).toList();
      } catch (ExecutionException e) {
        discard(wanted.name(), tasks, prepared);
        if (!(e.getCause() instanceof InterruptedException)) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      }
    }
  }

  private List<LiveModels.Task> awaitTasks() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT_FOR_TASKS.toNanos();
    List<LiveModels.Task> tasks = LiveModels.SHARED.tasks(job);
    while (tasks.isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      tasks = LiveModels.SHARED.tasks(job);
    }
    return tasks;
  }

  /** Gives up what some tasks have prepared, because another one cannot. */
  private static void discard(
      String name, List<LiveModels.Task> tasks, List<CompletableFuture<ModelRevision>> prepared) {
    for (int i = 0; i < tasks.size(); i++) {
      LiveModels.Task task = tasks.get(i);
      var unused =
          prepared
              .get(i)
              .whenComplete(
                  (revision, failure) -> {
                    if (revision != null) {
                      task.discard(name, revision.digest());
                    }
                  });
    }
  }

  @Override
  public void close() {
    watching.shutdownNow();
    preparing.shutdownNow();
  }
}
