package dev.crossencoder.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures the CPU usage of processes that do not belong to the benchmark. Used by one thread. */
final class Disturbance {
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<WorkerProcess> workers = new ArrayList<>();
  private double busySeconds;
  private double ownSeconds;
  private long startNanos;

  /** Starts a new measurement. */
  void watch() throws IOException {
    workers.clear();
    busySeconds = Machine.busySeconds();
    ownSeconds = coordinatorSeconds();
    startNanos = System.nanoTime();
  }

  /** Adds a new process to those of the benchmark. */
  void add(WorkerProcess worker) {
    workers.add(worker);
  }

  /** Returns the share of all cores that other processes used. */
  double share() throws IOException {
    return share(0);
  }

  /**
   * Returns the share of all cores that other processes used.
   *
   * @param moreSeconds the CPU time of processes of the benchmark that were not added
   */
  double share(double moreSeconds) throws IOException {
    double own = coordinatorSeconds() - ownSeconds + moreSeconds;
    for (WorkerProcess worker : workers) {
      own += worker.cpuSeconds();
    }
    double elapsed = (System.nanoTime() - startNanos) / 1e9;
    return Math.max(0, Machine.busySeconds() - busySeconds - own) / (elapsed * cores);
  }

  private static double coordinatorSeconds() {
    return WorkerProcess.cpuSeconds(ProcessHandle.current());
  }
}
