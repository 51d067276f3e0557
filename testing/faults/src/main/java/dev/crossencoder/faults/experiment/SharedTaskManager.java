package dev.crossencoder.faults.experiment;

import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs three jobs in one TaskManager, two of them with the same model. Kills the TaskManager,
 * cancels one of the two jobs, and submits a job with the transactional ids of the first one.
 *
 * @param kills the number of kills of the TaskManager
 */
record SharedTaskManager(int kills) implements Experiment {
  private static final Pattern LOADED = Pattern.compile("Loaded model (\\S+)");
  private static final int SECONDS_PER_KILL = 25;

  @Override
  public String name() {
    return "shared-taskmanager";
  }

  @Override
  public String description() {
    return "three jobs with two models in one TaskManager: %d times `kill -9`, and one job cancelled and resumed"
        .formatted(kills);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(1).withClusterOption("taskmanager.numberOfTaskSlots", "4");
  }

  @Override
  public int seconds() {
    return 40 + kills * SECONDS_PER_KILL;
  }

  @Override
  public void start(Run run) throws Exception {
    Flow other = run.open("other", run.rig().otherTinyModel(), Mix.USUAL);
    Flow same = run.open("same", run.rig().tinyModel(), Mix.USUAL);
    for (Flow flow : List.of(run.main(), other, same)) {
      flow.job().submit(1);
      flow.feed(pace(run.records() / 2), run.records() / 2);
    }
  }

  @Override
  public void run(Run run) throws Exception {
    refuseTheSameTransactions(run);
    long before = loads(run);
    for (int i = 0; i < kills; i++) {
      run.rest(4, 9);
      before = loads(run);
      run.fault(
          "kill -9 of the TaskManager",
          () -> {
            run.rig().cluster().killTaskManager(0);
            run.rig().cluster().startTaskManager(0);
          });
    }
    RigJob same = run.flow("same").job();
    run.rest(3, 6);
    run.fault(
        "one of the jobs with the same model cancelled, resumed from its checkpoint",
        () -> {
          same.cancel();
          same.resume(same.latestCheckpoint(), 1);
        });
    long loads = loads(run) - before;
    run.check(
        "models that the last TaskManager has loaded, for three jobs and one of them again",
        String.valueOf(loads),
        loads == 2);
  }

  private static long loads(Run run) throws IOException {
    return LOADED.matcher(run.rig().cluster().taskManagerLog(0)).results().count();
  }

  private static void refuseTheSameTransactions(Run run) throws Exception {
    Topics topics = Topics.of("twin");
    run.rig().create(topics);
    RigJob twin = new RigJob(run.rig(), "faults", topics, run.rig().tinyModel(), List.of());
    SessionCluster.Run submission = twin.trySubmit(1, List.of());
    run.check(
        "a second job with the first one's transaction prefix",
        submission.exitCode() == 0
            ? "runs"
            : "is refused at submission, naming `transaction.prefix`",
        submission.exitCode() != 0 && submission.output().contains("transaction.prefix"));
  }
}
