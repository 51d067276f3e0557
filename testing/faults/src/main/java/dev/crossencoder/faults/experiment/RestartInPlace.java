package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.ProcessResources;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Stops the job with a savepoint and resumes it in the same TaskManager, many times. Each time
 * Flink creates a new class loader, which must find the native libraries loaded and must not leak.
 *
 * @param restarts the number of restarts
 */
record RestartInPlace(int restarts) implements Experiment {
  /** After this number of restarts, everything that is loaded once is loaded. */
  private static final int SETTLED = 3;

  /** With fewer samples a trend is only noise. */
  private static final int FEWEST_SAMPLES = 6;

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
  public Setup setup(Path folder) {
    return Setup.of(1).withTouchedHeap();
  }

  @Override
  public String model(Rig rig) {
    return "demo-qa";
  }

  @Override
  public int seconds() {
    return restarts * SECONDS_PER_RESTART;
  }

  @Override
  public void run(Run run) throws Exception {
    long pid = run.rig().cluster().taskManagerPid(0);
    List<ProcessResources> settled = new ArrayList<>();
    for (int i = 1; i <= restarts; i++) {
      run.rest(1, 3);
      run.fault(
          "savepoint, stop, resume",
          () -> run.job().resume(run.job().stopWithSavepoint(), run.rig().slots()));
      if (i >= SETTLED) {
        settled.add(run.rig().taskManagerResources(0));
      }
    }
    run.checkSameTaskManager(pid);
    if (settled.size() >= FEWEST_SAMPLES) {
      trends(run, settled);
    }
  }

  /** Records the quantities of a TaskManager that must not grow. */
  static void trends(Run run, List<ProcessResources> samples) {
    trend(run, "threads", samples, ProcessResources::threads);
    trend(run, "open files", samples, ProcessResources::openFiles);
    trend(run, "loaded classes", samples, ProcessResources::loadedClasses);
    trend(run, "metaspace MiB", samples, ProcessResources::metaspaceMegabytes);
    trend(run, "live objects MiB", samples, ProcessResources::heapMegabytes);
    trend(run, "anonymous memory MiB", samples, ProcessResources::anonymousMegabytes);
  }

  private static void trend(
      Run run,
      String what,
      List<ProcessResources> samples,
      ToDoubleFunction<ProcessResources> value) {
    run.trend(what, samples.stream().map(value::applyAsDouble).toList());
  }
}
