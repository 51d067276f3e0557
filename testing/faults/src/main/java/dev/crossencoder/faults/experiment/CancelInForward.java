package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Cancels the job during forward passes that take seconds, and resumes it from the retained
 * checkpoint. The model must not be freed while a pass uses it.
 *
 * @param cancels the number of cancellations
 */
record CancelInForward(int cancels) implements Experiment {
  private static final double LONGEST_CANCEL_SECONDS = 10;
  private static final int WAITING_RECORDS = 2500;
  private static final int SECONDS_PER_CANCEL = 25;

  @Override
  public String name() {
    return "cancel-in-forward";
  }

  @Override
  public String description() {
    return "cancelled in the middle of forward passes of up to 512 pairs, and resumed from the retained checkpoint, %d times"
        .formatted(cancels);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(1);
  }

  @Override
  public String model(Rig rig) {
    return "demo-qa";
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--capacity", "1024", "--batch-max-pairs", "512", "--batch-max-tokens", "32768");
  }

  @Override
  public int seconds() {
    return cancels * SECONDS_PER_CANCEL;
  }

  @Override
  public Feeder.Pace pace(int records) {
    return Feeder.Pace.fullLoad(WAITING_RECORDS);
  }

  private static double longestPassMillis(Run run) {
    OptionalDouble[] found = {OptionalDouble.empty()};
    run.rig()
        .await(
            "metrics of passes",
            () -> {
              found[0] =
                  run.rig()
                      .cluster()
                      .rest()
                      .largest(run.job().id(), "crossEncoder.forwardMicros_max");
              // The metric is 0 until the first pass has ended.
              return found[0].orElse(0) > 0;
            });
    return found[0].getAsDouble() / 1e3;
  }

  @Override
  public void run(Run run) throws Exception {
    RigJob job = run.job();
    long pid = run.rig().cluster().taskManagerPid(0);
    for (int i = 0; i < cancels; i++) {
      run.rest(8, 16);
      double passMillis = longestPassMillis(run);
      run.fault(
          "cancelled, resumed from its checkpoint",
          () -> {
            long start = System.nanoTime();
            job.cancel();
            run.atMost(
                "seconds until the job had ended, with passes of up to %.0f ms"
                    .formatted(passMillis),
                (System.nanoTime() - start) / 1e9,
                LONGEST_CANCEL_SECONDS);
            job.resume(job.latestCheckpoint(), run.rig().slots());
          });
    }
    run.checkSameTaskManager(pid);
  }
}
