package dev.crossencoder.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of the machine processes other than the benchmark's took since it started to watch. Used
 * by one thread.
 */
final class Disturbance {
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<WorkerProcess> workers = new ArrayList<>();
  private double busySeconds;
  private double ownSeconds;
  private long startNanos;

  /** Starts to watch anew. */
  void watch() throws IOException {
    workers.clear();
    busySeconds = Machine.busySeconds();
    ownSeconds = coordinatorSeconds();
    startNanos = System.nanoTime();
  }

  /** Counts a process that has just been started as the benchmark's. */
  void add(WorkerProcess worker) {
    workers.add(worker);
  }

  /** The share of all cores that others took. */
  double share() throws IOException {
    double own = coordinatorSeconds() - ownSeconds;
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
