package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;

/**
 * Kills TaskManagers at random times. Each has half of the slots of the job. A new one is started
 * at once, as Kubernetes does.
 *
 * @param kills the number of kills
 */
record KillTaskManager(Delivery delivery, int kills) implements Experiment {
  private static final int TASK_MANAGERS = 2;
  private static final int SECONDS_PER_KILL = 14;

  @Override
  public String name() {
    return "kill-taskmanager-" + delivery;
  }

  @Override
  public String description() {
    return "`kill -9` of one of two TaskManagers, at random moments";
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(TASK_MANAGERS);
  }

  @Override
  public int seconds() {
    return kills * SECONDS_PER_KILL;
  }

  @Override
  public void run(Run run) throws Exception {
    for (int i = 0; i < kills; i++) {
      run.rest(2, 7);
      int index = run.random().nextInt(TASK_MANAGERS);
      run.fault(
          "kill -9 of TaskManager " + index,
          () -> {
            run.rig().cluster().killTaskManager(index);
            run.rig().cluster().startTaskManager(index);
          });
    }
    run.atLeast("restarted subtasks", run.job().restarts(), kills);
  }
}
