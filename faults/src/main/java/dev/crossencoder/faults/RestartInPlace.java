package dev.crossencoder.faults;

/**
 * Stops the job with a savepoint and goes on from it in the same TaskManager, again and again: each
 * time with a new class loader, which must find the native libraries loaded and leave nothing
 * behind.
 *
 * @param restarts how many
 */
record RestartInPlace(int restarts) implements Experiment {
  /** By then everything that is loaded once is there. */
  private static final int SETTLED = 3;

  private static final int SECONDS_PER_RESTART = 12;

  @Override
  public String name() {
    return "restart-in-place";
  }

  @Override
  public String description() {
    return "%d times in a row: savepoint, stop and resume in the same TaskManager"
        .formatted(restarts);
  }

  @Override
  public int taskManagers() {
    return 1;
  }

  @Override
  public int seconds() {
    return restarts * SECONDS_PER_RESTART;
  }

  @Override
  public void run(Run run) throws Exception {
    ProcessResources settled = null;
    for (int i = 1; i <= restarts; i++) {
      run.rest(1, 3);
      run.fault(
          "savepoint, stop, resume",
          () -> run.rig().stopAndResume(run.jobArguments()),
          run.rig()::awaitResults);
      if (i == SETTLED) {
        settled = run.rig().taskManagerResources(0);
      }
    }
    ProcessResources last = run.rig().taskManagerResources(0);
    run.grew("threads", settled.threads(), last.threads());
    run.grew("open files", settled.openFiles(), last.openFiles());
    run.grew("loaded classes", settled.loadedClasses(), last.loadedClasses());
    run.grew("metaspace MB", settled.metaspaceMegabytes(), last.metaspaceMegabytes());
    run.grew("anonymous memory MB", settled.anonymousMegabytes(), last.anonymousMegabytes());
  }
}
