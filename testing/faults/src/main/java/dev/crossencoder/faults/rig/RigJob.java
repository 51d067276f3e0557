package dev.crossencoder.faults.rig;

import dev.crossencoder.cluster.FlinkRest;
import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.faults.records.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** A job on the cluster of a rig, across its submissions. Used by one thread. */
public final class RigJob {
  /**
   * The default of the operator's capacity: the maximum number of records in flight per subtask.
   */
  public static final int CAPACITY = 128;

  private static final Duration SAVEPOINT_PATIENCE = Duration.ofMinutes(3);
  private static final List<String> ENDS = List.of("FAILED", "CANCELED", "FINISHED");

  private final Rig rig;
  private final Topics topics;
  private final String name;
  private final List<String> arguments;
  private String model;
  private String id = "";
  private int restartsOfFormer;
  private int lastRestarts;

  /**
   * Creates a job without submitting it.
   *
   * @param arguments additional arguments of the job
   */
  public RigJob(Rig rig, String name, Topics topics, String model, List<String> arguments) {
    this.rig = rig;
    this.topics = topics;
    this.name = name;
    this.arguments = new ArrayList<>(arguments);
    this.model = model;
  }

  /** Sets the model for the next submissions. */
  public void useModel(String other) {
    model = other;
  }

  /** Adds arguments for the next submissions. */
  public void add(List<String> more) {
    arguments.addAll(more);
  }

  /** Sets or replaces the value of an option for the next submissions. */
  public void set(String flag, String value) {
    int at = arguments.indexOf(flag);
    if (at >= 0) {
      arguments.set(at + 1, value);
    } else {
      arguments.addAll(List.of(flag, value));
    }
  }

  /** Submits the job, and returns when its tasks run. */
  public void submit(int parallelism) throws Exception {
    start(parallelism, List.of());
    awaitRunning();
  }

  /** Submits the job with a savepoint or a retained checkpoint, and returns when its tasks run. */
  public void resume(String savepoint, int parallelism) throws Exception {
    start(parallelism, List.of("-s", savepoint));
    awaitRunning();
  }

  /** Submits the job without waiting for its tasks. */
  public void start(int parallelism, List<String> flinkArguments) throws Exception {
    SessionCluster.Run run = trySubmit(parallelism, flinkArguments);
    if (run.exitCode() != 0) {
      throw new IllegalStateException("Cannot submit the job:\n" + run.output() + rig.cluster());
    }
    restartsOfFormer += lastRestarts;
    lastRestarts = 0;
    id = run.jobId();
  }

  /** Submits the job, and returns the exit code and output of the client. */
  public SessionCluster.Run trySubmit(int parallelism, List<String> flinkArguments)
      throws Exception {
    List<String> all = new ArrayList<>(flinkArguments);
    all.add("-d");
    all.add(Rig.jobJar().toString());
    all.addAll(List.of("--bootstrap-servers", rig.broker().bootstrapServers()));
    all.addAll(List.of("--job-name", name, "--model", model));
    all.addAll(List.of("--input-topic", topics.input(), "--output-topic", topics.output()));
    all.addAll(List.of("--dead-letter-topic", topics.deadLetters()));
    all.addAll(List.of("--parallelism", String.valueOf(parallelism)));
    all.addAll(arguments);
    return rig.cluster().flinkRun(all);
  }

  private FlinkRest rest() {
    return rig.cluster().rest();
  }

  /** The name of the job and of its consumer group. */
  public String name() {
    return name;
  }

  public String id() {
    return id;
  }

  /** Returns whether the job has ended; false if the JobManager does not answer. */
  public boolean hasEnded() {
    try {
      return ENDS.contains(rest().state(id));
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits until all tasks run and have loaded their models. */
  public void awaitRunning() {
    await("job %s runs".formatted(name), () -> rest().isRunning(id));
  }

  /**
   * Waits until a condition holds that only a running job can bring about.
   *
   * @throws IllegalStateException if it does not hold within three minutes, or if the job ends; the
   *     message has the failures of the job and the ends of the logs
   */
  public void await(String what, Callable<Boolean> condition) {
    try {
      Rig.patiently(what).failFast("the job has ended", this::hasEnded).until(condition);
    } catch (ConditionTimeoutException | TerminalFailureException e) {
      throw new IllegalStateException(
          "%s%n%s%n%s".formatted(e.getMessage(), failures(), rig.cluster()), e);
    }
  }

  /** Waits until the job has the given state. */
  public void awaitState(String state) {
    rig.await("job %s is %s".formatted(name, state), () -> rest().state(id).equals(state));
  }

  /** Returns the number of restarts of tasks since the first submission. */
  public int restarts() throws IOException, InterruptedException {
    lastRestarts = rest().restarts(id);
    return restartsOfFormer + lastRestarts;
  }

  /** Returns the last value of {@link #restarts}. */
  public int lastKnownRestarts() {
    return restartsOfFormer + lastRestarts;
  }

  /** Returns the task failures that the JobManager has stored; empty if there are none. */
  public String failures() {
    try {
      return id.isEmpty() ? "" : rest().failures(id);
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** Stops the job with a savepoint, and returns the path of the savepoint. */
  public String stopWithSavepoint() throws IOException, InterruptedException {
    restarts();
    return rest().stopWithSavepoint(id, rig.savepoints(), SAVEPOINT_PATIENCE);
  }

  /** Returns the path of the last completed checkpoint, which is retained after the job. */
  public String latestCheckpoint() throws IOException, InterruptedException {
    String checkpoint = rest().latestCheckpoint(id);
    if (checkpoint.isEmpty()) {
      throw new IllegalStateException("No checkpoint of job %s has completed".formatted(name));
    }
    return checkpoint;
  }

  /** Cancels the job, and returns when it has ended. */
  public void cancel() throws IOException, InterruptedException {
    restarts();
    rest().cancel(id);
    awaitState("CANCELED");
  }
}
