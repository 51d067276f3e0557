package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;

/**
 * Kills the JobManager at random times and restarts it. Its state is in ZooKeeper and on disk.
 *
 * @param kills the number of kills
 */
record KillJobManager(int kills) implements Experiment {
  private static final int SECONDS_PER_KILL = 30;

  @Override
  public String name() {
    return "kill-jobmanager";
  }

  @Override
  public String description() {
    return "`kill -9` of the JobManager, with ZooKeeper for high availability, and a start at once";
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2).withHighAvailability();
  }

  @Override
  public int seconds() {
    return kills * SECONDS_PER_KILL;
  }

  @Override
  public void run(Run run) throws Exception {
    for (int i = 0; i < kills; i++) {
      run.rest(3, 8);
      run.fault(
          "kill -9 of the JobManager",
          () -> {
            run.rig().cluster().killJobManager();
            run.rig().cluster().startJobManager();
          });
    }
  }
}
