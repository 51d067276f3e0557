package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.RigJob;

/**
 * Stops the job with a savepoint and resumes it with another model, several times. Records that
 * were in flight are scored by the new model.
 *
 * @param changes the number of changes
 */
record AnotherModel(int changes) implements Experiment {
  private static final int SECONDS_PER_CHANGE = 18;

  @Override
  public String name() {
    return "another-model";
  }

  @Override
  public String description() {
    return "savepoint, stop and resume with another model, %d times".formatted(changes);
  }

  @Override
  public int seconds() {
    return changes * SECONDS_PER_CHANGE;
  }

  @Override
  public void run(Run run) throws Exception {
    RigJob job = run.job();
    for (int i = 0; i < changes; i++) {
      run.rest(3, 8);
      String model = i % 2 == 0 ? run.rig().otherTinyModel() : run.rig().tinyModel();
      run.fault(
          "savepoint, stop, resume with another model",
          () -> {
            String savepoint = job.stopWithSavepoint();
            job.useModel(model);
            job.resume(savepoint, run.rig().slots());
          });
    }
    int models = run.main().ledger().revisions();
    run.check("models that have scored", String.valueOf(models), models == 2);
  }
}
