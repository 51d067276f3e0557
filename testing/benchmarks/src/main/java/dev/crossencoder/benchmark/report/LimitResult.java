package dev.crossencoder.benchmark.report;

import java.util.List;

/** How much of a forward pass is the model's own matrix multiplications. */
public record LimitResult(Environment environment, List<Model> models) {
  /**
   * One model.
   *
   * @param gigaflops operations of its multiplications for all pairs, in 10^9
   */
  public record Model(
      String model,
      String workload,
      int pairs,
      long tokens,
      int batches,
      double gigaflops,
      List<Round> rounds) {}

  /**
   * One round over all batches.
   *
   * @param linearSeconds of the linear layers alone
   * @param attentionSeconds of attention's two products alone
   * @param forwardSeconds of whole forward passes
   * @param scoreSeconds of {@code CrossEncoder.score}, with tokenizing
   * @param squareGigaflopsPerSecond of a large square multiplication
   */
  public record Round(
      double linearSeconds,
      double attentionSeconds,
      double forwardSeconds,
      double scoreSeconds,
      double squareGigaflopsPerSecond) {
    /** The share of the forward pass that multiplications take. */
    public double ofForward() {
      return (linearSeconds + attentionSeconds) / forwardSeconds;
    }

    /** The share of scoring, with tokenizing, that multiplications take. */
    public double ofScore() {
      return (linearSeconds + attentionSeconds) / scoreSeconds;
    }
  }
}
