package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Stops the job with a savepoint and resumes it with another parallelism.
 *
 * @param parallelisms the parallelisms in turn, after 4
 */
record Rescale(List<Integer> parallelisms) implements Experiment {
  private static final int SECONDS_PER_STOP = 25;

  @Override
  public String name() {
    return "rescale";
  }

  @Override
  public String description() {
    return "savepoint, stop and resume with another parallelism: 4 at first, then %s"
        .formatted(parallelisms.stream().map(String::valueOf).collect(Collectors.joining(", ")));
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--capacity", String.valueOf(RigJob.CAPACITY));
  }

  @Override
  public int seconds() {
    return parallelisms.size() * SECONDS_PER_STOP;
  }

  /** The records that can be in flight at all stops, with the parallelism before each stop. */
  @Override
  public int outOfOrderLimit() {
    int subtasks = Setup.of(2).taskManagers() * Rig.SLOTS;
    for (int parallelism : parallelisms.subList(0, parallelisms.size() - 1)) {
      subtasks += parallelism;
    }
    return RigJob.CAPACITY * subtasks;
  }

  @Override
  public void run(Run run) throws Exception {
    for (int parallelism : parallelisms) {
      run.rest(5, 10);
      run.fault(
          "savepoint, stop, resume with %d subtasks".formatted(parallelism),
          () -> run.job().resume(run.job().stopWithSavepoint(), parallelism));
    }
  }
}
