package dev.crossencoder.benchmark.scaling;

import dev.crossencoder.benchmark.scaling.ScalingResult.Model;
import dev.crossencoder.benchmark.scaling.ScalingResult.Run;

/**
 * Cores and memory for a rate, computed from the run with one slot on two cores. With a single busy
 * core, a core is faster than beside others, which would promise too much.
 *
 * @param pairsPerCore the pairs per second that saturate one of two busy cores
 * @param cpuMillisPerPair the CPU time of a pair
 * @param memoryBytes the memory of a TaskManager with one slot
 */
record Plan(double pairsPerCore, double cpuMillisPerPair, long memoryBytes) {
  /**
   * The share of saturation at which cores are planned, so that a burst or a restart is caught up.
   */
  static final double UTILISATION = 0.7;

  /** The memory that is planned in addition to the largest that was measured. */
  static final double MEMORY_MARGIN = 1.25;

  private static final double MEMORY_STEP = 256 << 20;

  static Plan of(ScalingResult result, Model model) {
    Run run = result.run(model, Layout.TWO_CORES);
    return new Plan(
        run.pairsPerSecond() / Layout.TWO_CORES.allCores(),
        run.cpuMillisPerPair(),
        run.peakBytes());
  }

  /** Returns the smallest number of cores for a rate in pairs per second. */
  int cores(double rate) {
    return (int) Math.ceil(rate / (pairsPerCore * UTILISATION) - 1e-9);
  }

  /** Returns the memory to give to a TaskManager, a multiple of 256 MiB. */
  long memory() {
    return Math.round(Math.ceil(memoryBytes * MEMORY_MARGIN / MEMORY_STEP) * MEMORY_STEP);
  }
}
