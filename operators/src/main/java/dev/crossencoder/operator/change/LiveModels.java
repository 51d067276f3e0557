package dev.crossencoder.operator.change;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.annotation.Internal;

/**
 * The tasks of this JVM whose models can change, by their jobs. Through it, a job's source tells
 * the tasks that score in the same TaskManager about a change. Thread-safe.
 *
 * <p>It outlives jobs, because the operators are in Flink's {@code lib}, and keeps nothing of a job
 * whose tasks have left.
 */
@Internal
public final class LiveModels {
  /** The tasks of this JVM. */
  public static final LiveModels SHARED = new LiveModels();

  private final Map<String, List<Task>> tasks = new HashMap<>();

  /** A task whose models can change. Its methods are called by any thread and do not block. */
  public interface Task {
    /**
     * Finds, checks, loads and tries a revision, beside the models that score.
     *
     * @param name the name of the model
     * @param wanted the revision; without a digest, the one that is found
     * @return the revision that was found, or the reason why it cannot be used
     */
    CompletableFuture<ModelRevision> prepare(String name, ModelRevision wanted);

    /** Tells that a prepared revision is not needed. */
    void discard(String name, String digest);

    /** Tells which revisions score from now on. Others are freed when their records are done. */
    void use(ModelTag tag);
  }

  /**
   * Adds a task.
   *
   * @param job identifies the job
   * @return removes the task; run it once
   */
  public synchronized Runnable join(String job, Task task) {
    tasks.computeIfAbsent(job, unused -> new ArrayList<>()).add(task);
    return () -> leave(job, task);
  }

  private synchronized void leave(String job, Task task) {
    List<Task> ofJob = tasks.get(job);
    if (ofJob != null) {
      ofJob.remove(task);
      if (ofJob.isEmpty()) {
        tasks.remove(job);
      }
    }
  }

  /** Returns the tasks of a job. */
  public synchronized List<Task> tasks(String job) {
    return List.copyOf(tasks.getOrDefault(job, List.of()));
  }
}
