package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.Summary;
import java.util.Arrays;

/**
 * A claim of the project about a ratio.
 *
 * @param ratio the description of the ratio
 * @param most the upper bound; infinite if there is none
 */
record Claim(String ratio, double least, double most) {
  /**
   * Prints in one line the ratio's median over several rounds, and whether it is within the claim.
   */
  boolean report(double... rounds) {
    Summary summary = Summary.of(Arrays.stream(rounds).boxed().toList());
    boolean holds = least <= summary.median() && summary.median() <= most;
    String bar = Double.isInfinite(most) ? "at least %.2f" : "%.2f to %.2f";
    System.out.printf(
        "%s: %.2f (min %.2f, max %.2f), the bar is %s: %s%n",
        ratio,
        summary.median(),
        summary.min(),
        summary.max(),
        bar.formatted(least, most),
        holds ? "holds" : "MISSED");
    return holds;
  }
}
