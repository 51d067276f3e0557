package dev.crossencoder.benchmark.quality;

import dev.crossencoder.benchmark.report.Environment;
import java.util.List;

/**
 * The quality and the speed of a model on held-out data, by setting.
 *
 * @param data the key of the data
 * @param title what the data are
 * @param input where they come from
 * @param command what measured this
 * @param model its name
 * @param digest of its fp32 bundle
 * @param figure what is measured
 * @param before the figure of the search before reranking; null if there is none
 * @param unit what the size counts and the bootstrap resamples
 * @param size the number of queries or pairs
 * @param pairs the number of pairs that are scored
 * @param meanTokens the mean number of tokens of a pair in the first setting
 * @param longest the largest number of tokens of a pair in the first setting
 * @param rows the settings that were measured; the others are compared with the first one
 * @param skipped the settings that were not measured
 */
public record QualityResult(
    Environment environment,
    String data,
    String title,
    String input,
    String command,
    String model,
    String digest,
    String figure,
    Double before,
    String unit,
    int size,
    int pairs,
    double meanTokens,
    int longest,
    List<Row> rows,
    List<Skipped> skipped) {
  /**
   * A setting.
   *
   * @param value the figure
   * @param change the comparison with the first setting; null for the first one
   * @param seconds how long scoring all pairs took
   * @param truncated the number of pairs that lost tokens
   * @param otherCpuShare the share of all cores that other processes used meanwhile
   */
  public record Row(
      String setting,
      double value,
      Change change,
      double seconds,
      long truncated,
      double otherCpuShare) {}

  /**
   * How a setting differs from the first one.
   *
   * @param value its figure minus that of the first one
   * @param low the lower end of the 95 % confidence interval
   * @param high the upper end
   * @param pValue of the hypothesis that there is no difference
   */
  public record Change(double value, double low, double high, double pValue) {}

  /** A setting that was not measured, with the reason. */
  public record Skipped(String setting, String reason) {}

  /** Returns the pairs per second of a setting. */
  double rate(Row row) {
    return pairs / row.seconds();
  }
}
