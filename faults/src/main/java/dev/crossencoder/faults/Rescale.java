package dev.crossencoder.faults;

import java.util.List;

/**
 * Stops the job with a savepoint and goes on from it with another number of subtasks.
 *
 * @param parallelisms one after the other, after 4
 */
record Rescale(List<Integer> parallelisms) implements Experiment {
  /** The operator's default capacity. */
  private static final int CAPACITY = 128;

  private static final int SECONDS_PER_STOP = 25;

  @Override
  public String name() {
    return "rescale";
  }

  @Override
  public String description() {
    return "savepoint, stop and resume with another number of subtasks after 4: %s"
        .formatted(parallelisms);
  }

  @Override
  public int seconds() {
    return parallelisms.size() * SECONDS_PER_STOP;
  }

  @Override
  public int outOfOrderLimit() {
    return CAPACITY * parallelisms.stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public void run(Run run) throws Exception {
    for (int parallelism : parallelisms) {
      run.rest(5, 10);
      run.fault(
          "savepoint, stop, resume with %d subtasks".formatted(parallelism),
          () -> run.rig().stopAndResume(run.jobArguments(parallelism)),
          run.rig()::awaitResults);
    }
  }
}
