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

/** The job on a rig's cluster, over all its submissions. Used by one thread. */
public final class RigJob {
  /** The operator's default, and so the most records of a subtask that are in flight. */
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
   * A job that is not submitted yet.
   *
   * @param arguments more ones of the job
   */
  public RigJob(Rig rig, String name, Topics topics, String model, List<String> arguments) {
    this.rig = rig;
    this.topics = topics;
    this.name = name;
    this.arguments = new ArrayList<>(arguments);
    this.model = model;
  }

  /** What it scores with from its next submission on. */
  public void useModel(String other) {
    model = other;
  }

  /** What it is told besides from its next submission on. */
  public void add(List<String> more) {
    arguments.addAll(more);
  }

  /** Gives one of its options a value from its next submission on, in place of what it had. */
  public void set(String flag, String value) {
    int at = arguments.indexOf(flag);
    if (at >= 0) {
      arguments.set(at + 1, value);
    } else {
      arguments.addAll(List.of(flag, value));
    }
  }

  /** Submits it, and returns when its tasks run. */
  public void submit(int parallelism) throws Exception {
    start(parallelism, List.of());
    awaitRunning();
  }

  /** Submits it from a savepoint or a retained checkpoint, and returns when its tasks run. */
  public void resume(String savepoint, int parallelism) throws Exception {
    start(parallelism, List.of("-s", savepoint));
    awaitRunning();
  }

  /** Submits it and waits for nothing. */
  public void start(int parallelism, List<String> flinkArguments) throws Exception {
    SessionCluster.Run run = trySubmit(parallelism, flinkArguments);
    if (run.exitCode() != 0) {
      throw new IllegalStateException("Cannot submit the job:\n" + run.output() + rig.cluster());
    }
    restartsOfFormer += lastRestarts;
    lastRestarts = 0;
    id = run.jobId();
  }

  /** Submits it, and returns what the client says, whatever it is. */
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

  /** Its name, and its consumer group's. */
  public String name() {
    return name;
  }

  public String id() {
    return id;
  }

  /** Whether it has ended; false if nobody can say. */
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

  /** Waits until all its tasks run, their models loaded. */
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

  /** Waits until it has ended as {@code state} says. */
  public void awaitState(String state) {
    rig.await("job %s is %s".formatted(name, state), () -> rest().state(id).equals(state));
  }

  /** How often its tasks were started again since it was first submitted. */
  public int restarts() throws IOException, InterruptedException {
    lastRestarts = rest().restarts(id);
    return restartsOfFormer + lastRestarts;
  }

  /** What {@link #restarts} said last. */
  public int lastKnownRestarts() {
    return restartsOfFormer + lastRestarts;
  }

  /** Why its tasks failed, as far as the cluster remembers; empty if nobody can say. */
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

  /** Stops it, and returns where its savepoint is. */
  public String stopWithSavepoint() throws IOException, InterruptedException {
    restarts();
    return rest().stopWithSavepoint(id, rig.savepoints(), SAVEPOINT_PATIENCE);
  }

  /** Where the last checkpoint is that was completed, which outlives the job. */
  public String latestCheckpoint() throws IOException, InterruptedException {
    String checkpoint = rest().latestCheckpoint(id);
    if (checkpoint.isEmpty()) {
      throw new IllegalStateException("No checkpoint of job %s has completed".formatted(name));
    }
    return checkpoint;
  }

  /** Cancels it, and returns when it has ended. */
  public void cancel() throws IOException, InterruptedException {
    restarts();
    rest().cancel(id);
    awaitState("CANCELED");
  }
}
