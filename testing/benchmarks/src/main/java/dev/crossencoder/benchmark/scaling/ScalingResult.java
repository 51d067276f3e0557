package dev.crossencoder.benchmark.scaling;

import dev.crossencoder.benchmark.report.Environment;
import java.util.List;

/**
 * The speed, the CPU time and the memory of the Kafka job by model and layout.
 *
 * @param command what measured this
 * @param input the records
 * @param seconds the duration of each measurement
 * @param models the models, from the smallest to the largest
 * @param runs one for each model and layout
 * @param loads one for each model, layout and offered rate
 */
public record ScalingResult(
    Environment environment,
    String command,
    String input,
    double seconds,
    List<Model> models,
    List<Run> runs,
    List<Load> loads) {
  /**
   * A model.
   *
   * @param key its name on the page
   * @param programBytes the size of its program with the weights
   * @param meanTokens the mean number of tokens of a pair
   */
  public record Model(String key, long programBytes, double meanTokens) {}

  /**
   * The job with more records in its topic than it can score.
   *
   * @param pairsPerSecond of all subtasks together
   * @param cpuMillisPerPair the CPU time of all TaskManagers, per pair
   * @param peakBytes the largest resident memory of a TaskManager
   * @param heapBytes the used heap of a TaskManager
   */
  public record Run(
      String model,
      Layout layout,
      double pairsPerSecond,
      double cpuMillisPerPair,
      long peakBytes,
      long heapBytes) {}

  /**
   * The job with records that arrive at a constant rate.
   *
   * @param share the offered rate, as a share of the pairs per second of the {@link Run}
   * @param offered records per second
   * @param lagPerSecond by how many records the consumer's lag grows each second
   */
  public record Load(
      String model, Layout layout, double share, double offered, double lagPerSecond) {
    /** By which share of the offered rate the lag may grow: bursts of results look like that. */
    static final double TOLERANCE = 0.05;

    /** Returns whether the job falls behind. */
    boolean grows() {
      return lagPerSecond > TOLERANCE * offered;
    }
  }

  Run run(Model model, Layout layout) {
    return runs.stream()
        .filter(run -> run.model().equals(model.key()) && run.layout().equals(layout))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Cannot find %s on %s in the results. Measure again."
                        .formatted(model.key(), layout)));
  }
}
