package dev.crossencoder.faults.experiment;

import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.faults.rig.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Freezes processes (SIGSTOP) for longer than their timeouts. A process that continues does not
 * know that others have taken over. Then kills ZooKeeper, and all TaskManagers at once.
 *
 * @param seconds the duration of each freeze
 */
record Freeze(int seconds) implements Experiment {
  /** One more than the job needs, so that the job runs while one is frozen. */
  private static final int TASK_MANAGERS = 3;

  private static final int FAULTS = TASK_MANAGERS + 4;
  private static final int SECONDS_BETWEEN_FAULTS = 30;
  private static final int ZOOKEEPER_AWAY_SECONDS = 5;

  @Override
  public String name() {
    return "freeze";
  }

  @Override
  public String description() {
    return "each of three TaskManagers, the broker and the JobManager frozen for %d s with `kill -STOP`, then ZooKeeper killed, and all TaskManagers at once"
        .formatted(seconds);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(TASK_MANAGERS).withHighAvailability();
  }

  @Override
  public int seconds() {
    return FAULTS * (seconds + SECONDS_BETWEEN_FAULTS);
  }

  @Override
  public void start(Run run) throws Exception {
    run.startMain(run.rig().slots() - SessionCluster.SLOTS);
  }

  @Override
  public void run(Run run) throws Exception {
    SessionCluster cluster = run.rig().cluster();
    List<Integer> order = new ArrayList<>(IntStream.range(0, TASK_MANAGERS).boxed().toList());
    Collections.shuffle(order, run.random());
    for (int index : order) {
      run.rest(3, 8);
      run.fault(
          "TaskManager %d frozen".formatted(index), () -> freeze(cluster.taskManagerPid(index)));
    }
    run.rest(3, 8);
    run.fault("the broker frozen", () -> freeze(run.rig().broker().pid()));
    run.rest(3, 8);
    run.fault("the JobManager frozen", () -> freeze(cluster.jobManagerPid()));
    run.rest(3, 8);
    run.fault("ZooKeeper killed", () -> run.rig().killZooKeeper(ZOOKEEPER_AWAY_SECONDS));
    run.rest(3, 8);
    run.fault(
        "kill -9 of all TaskManagers",
        () -> {
          for (int i = 0; i < TASK_MANAGERS; i++) {
            cluster.killTaskManager(i);
          }
          for (int i = 0; i < TASK_MANAGERS; i++) {
            cluster.startTaskManager(i);
          }
        });
    run.atLeast("restarted subtasks", run.job().restarts(), 1);
  }

  private void freeze(long pid) throws IOException, InterruptedException {
    signal("-STOP", pid);
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } finally {
      signal("-CONT", pid);
    }
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    int exitCode =
        new ProcessBuilder("kill", signal, String.valueOf(pid)).inheritIO().start().waitFor();
    if (exitCode != 0) {
      throw new IOException("Cannot send %s to process %d".formatted(signal, pid));
    }
  }
}
