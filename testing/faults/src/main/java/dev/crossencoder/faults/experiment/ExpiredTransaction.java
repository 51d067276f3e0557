package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.agent.EngineFaults;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Kills all TaskManagers between a checkpoint and the commit of its transactions, and restarts them
 * after Kafka has aborted the transactions. Their results are lost: the job must fail with a
 * message, and a resume from an earlier checkpoint must produce the results again.
 */
record ExpiredTransaction() implements Experiment {
  private static final int TASK_MANAGERS = 2;

  /** The minimum transaction timeout of the job. */
  private static final int TIMEOUT_SECONDS = 60;

  private static final int OUTAGE_SECONDS = TIMEOUT_SECONDS + 15;
  private static final int SECONDS = OUTAGE_SECONDS + 60;

  @Override
  public String name() {
    return "expired-transaction";
  }

  @Override
  public String description() {
    return "both TaskManagers killed before a commit and away for %d s, with transactions that live %d s; then resumed from an earlier checkpoint"
        .formatted(OUTAGE_SECONDS, TIMEOUT_SECONDS);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(TASK_MANAGERS)
        .withClusterOption("execution.checkpointing.num-retained", "20")
        .withClusterOption(
            "env.java.opts.taskmanager", EngineFaults.in(folder.resolve("agent")).jvmArgument())
        .withBrokerProperty("transaction.max.timeout.ms", String.valueOf(1000 * TIMEOUT_SECONDS))
        .withBrokerProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--transaction-longest-outage", "20s");
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public void run(Run run) throws Exception {
    RigJob job = run.job();
    EngineFaults commits = EngineFaults.in(run.rig().folder().resolve("agent"));
    run.rest(6, 10);
    run.fault(
        "killed before a commit, away for %d s".formatted(OUTAGE_SECONDS),
        () -> {
          String earlier = job.latestCheckpoint();
          // The sinks of each TaskManager hold the transactions of the next checkpoint.
          commits.holdCommits();
          run.rig().await("another checkpoint", () -> !job.latestCheckpoint().equals(earlier));
          TimeUnit.SECONDS.sleep(1);
          for (int i = 0; i < TASK_MANAGERS; i++) {
            run.rig().cluster().killTaskManager(i);
          }
          commits.letCommit();
          TimeUnit.SECONDS.sleep(OUTAGE_SECONDS);
          for (int i = 0; i < TASK_MANAGERS; i++) {
            run.rig().cluster().startTaskManager(i);
          }
          job.awaitState("FAILED");
          String failures = job.failures();
          run.check(
              "the job that finds its transactions aborted",
              "has failed, naming `transaction.longest-outage`",
              failures.contains("transaction.longest-outage"));
          job.resume(earlier, run.rig().slots());
        });
  }
}
