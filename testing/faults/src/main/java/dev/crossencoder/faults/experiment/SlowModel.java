package dev.crossencoder.faults.experiment;

import dev.crossencoder.cluster.FlinkRest;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.report.Outcome;
import dev.crossencoder.faults.rig.ProcessResources;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * Sends more records than the model can score, and kills a TaskManager. The source must be
 * back-pressured, at most the capacity may be in flight, and checkpoints must complete.
 */
record SlowModel(boolean unaligned) implements Experiment {
  /** More records than fit into Flink's network buffers and than are scored between two commits. */
  private static final int WAITING_RECORDS = 12_000;

  /**
   * Aligned checkpoints wait behind the data in network buffers: one second of it, with buffer
   * debloating.
   */
  private static final double SECONDS_OF_ALIGNED_CHECKPOINT = 10;

  private static final double SECONDS_OF_UNALIGNED_CHECKPOINT = 2;

  private static final int SAMPLE_SECONDS = 2;
  private static final int SAMPLES_PER_RESOURCES = 5;

  /** A source that is back-pressured for at least half of the time is limited by the operator. */
  private static final double BACK_PRESSURED_MILLIS = 500;

  private static final int SECONDS = 240;

  @Override
  public String name() {
    return unaligned ? "slow-model-unaligned" : "slow-model-aligned";
  }

  @Override
  public String description() {
    return "more records than the model can score, rebalanced, with %s checkpoints, and `kill -9` of a TaskManager"
        .formatted(unaligned ? "unaligned" : "debloated buffers and aligned");
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2)
        .withClusterOption("execution.checkpointing.unaligned.enabled", String.valueOf(unaligned))
        .withClusterOption(
            "taskmanager.network.memory.buffer-debloat.enabled", String.valueOf(!unaligned));
  }

  @Override
  public String model(Rig rig) {
    return "demo-qa";
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--distribution", "rebalance", "--capacity", String.valueOf(RigJob.CAPACITY));
  }

  @Override
  public int outOfOrderLimit() {
    return Outcome.NO_ORDER;
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public Feeder.Pace pace(int records) {
    return Feeder.Pace.fullLoad(WAITING_RECORDS);
  }

  @Override
  public void run(Run run) throws Exception {
    FlinkRest rest = run.rig().cluster().rest();
    String job = run.job().id();
    int completed = rest.completedCheckpoints(job);
    long start = System.nanoTime();
    run.rest(5, 10);
    run.fault(
        "kill -9 of TaskManager 0",
        () -> {
          run.rig().cluster().killTaskManager(0);
          run.rig().cluster().startTaskManager(0);
        });
    // The kill caused these failed checkpoints.
    int failed = rest.failedCheckpoints(job);
    double inFlight = 0;
    List<Double> backPressured = new ArrayList<>();
    List<ProcessResources> resources = new ArrayList<>();
    for (int i = 0; run.main().ledger().seen() < run.records(); i++) {
      TimeUnit.SECONDS.sleep(SAMPLE_SECONDS);
      inFlight = Math.max(inFlight, rest.largest(job, "crossEncoder.recordsInFlight").orElse(0));
      OptionalDouble millis = rest.largest(job, "backPressuredTimeMsPerSecond");
      millis.ifPresent(backPressured::add);
      if (i % SAMPLES_PER_RESOURCES == SAMPLES_PER_RESOURCES - 1) {
        resources.add(run.rig().taskManagerResources(1));
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    backPressured.sort(null);
    run.atMost("records in flight in a subtask", inFlight, RigJob.CAPACITY);
    run.atLeast(
        "milliseconds per second for which the source is back-pressured, median",
        backPressured.get(backPressured.size() / 2),
        BACK_PRESSURED_MILLIS);
    run.check(
        "checkpoints, with an interval of one second",
        "%d completed within %.0f s, %d failed after the kill"
            .formatted(
                rest.completedCheckpoints(job) - completed,
                seconds,
                rest.failedCheckpoints(job) - failed),
        rest.completedCheckpoints(job) - completed
                >= seconds
                    / (unaligned ? SECONDS_OF_UNALIGNED_CHECKPOINT : SECONDS_OF_ALIGNED_CHECKPOINT)
            && rest.failedCheckpoints(job) == failed);
    if (resources.size() >= 3) {
      run.trend(
          "anonymous memory MiB",
          resources.stream().map(ProcessResources::anonymousMegabytes).toList());
    }
  }
}
