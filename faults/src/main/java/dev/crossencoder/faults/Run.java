package dev.crossencoder.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** An experiment that runs: what it works on, and what it notes. Used by one thread. */
final class Run {
  private final Rig rig;
  private final Experiment experiment;
  private final Random random;
  private final long startNanos = System.nanoTime();
  private final List<Outcome.Fault> faults = new ArrayList<>();
  private final List<Outcome.Growth> growths = new ArrayList<>();

  /** What heals a fault, or waits until it has healed. */
  interface Step {
    void run() throws Exception;
  }

  /**
   * Starts the clock.
   *
   * @param random decides when and where something breaks
   */
  Run(Rig rig, Experiment experiment, Random random) {
    this.rig = rig;
    this.experiment = experiment;
    this.random = random;
  }

  Rig rig() {
    return rig;
  }

  Random random() {
    return random;
  }

  /** What the job is told, with a subtask for each slot. */
  List<String> jobArguments() {
    return jobArguments(experiment.taskManagers() * Rig.SLOTS);
  }

  /** What the job is told, with so many subtasks. */
  List<String> jobArguments(int parallelism) {
    return List.of(
        "--delivery", experiment.delivery(), "--parallelism", String.valueOf(parallelism));
  }

  /** Lets a random time pass. */
  void rest(double minSeconds, double maxSeconds) throws InterruptedException {
    double seconds = minSeconds + random.nextDouble() * (maxSeconds - minSeconds);
    TimeUnit.MILLISECONDS.sleep((long) (1000 * seconds));
  }

  /**
   * Breaks something, and notes how long it takes until new results are committed.
   *
   * @param what is broken
   */
  void fault(String what, Step breaking, Step recovery) throws Exception {
    long start = System.nanoTime();
    breaking.run();
    recovery.run();
    double recoverySeconds = (System.nanoTime() - start) / 1e9;
    faults.add(new Outcome.Fault(what, (start - startNanos) / 1e9, recoverySeconds));
    System.out.printf("  %s, recovered within %.1f s%n", what, recoverySeconds);
  }

  /** Notes what something was when all was settled, and at the end. */
  void grew(String what, double settled, double last) {
    growths.add(new Outcome.Growth(what, settled, last));
    System.out.printf("  %s: %.1f, at the end %.1f%n", what, settled, last);
  }

  List<Outcome.Growth> growths() {
    return List.copyOf(growths);
  }

  List<Outcome.Fault> faults() {
    return List.copyOf(faults);
  }
}
