package dev.crossencoder.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.ListStatistics;

/**
 * Runs {@link ScoringBenchmark} and checks the project's claim on the speed of the packed program
 * relative to the padded one.
 *
 * <p>JMH runs one benchmark after the other, each in a separate JVM. The benchmarks are repeated in
 * several rounds. Ratios are computed within a round, so that a temporary slowdown of the machine
 * affects one round only; the result is the median.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.rounds}, {@code
 * benchmark.batches}, {@code benchmark.output} (the folder for JMH's results). Exits with 1 if a
 * bar does not hold.
 */
public final class PackedVersusPadded {
  /**
   * How many more operations the padded program needs on sorted batches, by arithmetic: what is
   * left of the padding, and the last layer for all tokens instead of first ones, with keys and
   * values.
   */
  private static final double SORTED_WORK = 1.21;

  private static final Claim GAIN =
      new Claim("packed ÷ padded in arrival order", 1.8, Double.POSITIVE_INFINITY);
  private static final Claim FAIR =
      new Claim("padded on sorted batches ÷ (packed ÷ " + SORTED_WORK + "), by tokens", 0.85, 1.15);

  private static final String PACKED = "packedArrival";
  private static final String PADDED = "paddedArrival";
  private static final String SORTED = "paddedSorted";

  private PackedVersusPadded() {}

  /** The measured iterations of one benchmark. */
  private record Rate(ListStatistics pairs, ListStatistics tokens) {
    static Rate of(List<RunResult> results, String benchmark) {
      Rate rate = new Rate(new ListStatistics(), new ListStatistics());
      for (RunResult result : results) {
        if (result.getParams().getBenchmark().endsWith("." + benchmark)) {
          for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
              rate.pairs.addValue(iteration.getPrimaryResult().getScore());
              rate.tokens.addValue(iteration.getSecondaryResults().get("tokens").getScore());
            }
          }
        }
      }
      return rate;
    }

    void print(String benchmark) {
      System.out.printf(
          "%-14s %6.1f ± %.1f pairs/s, %.0f real tokens/s (99.9 %%, %d iterations)%n",
          benchmark, pairs.getMean(), pairs.getMeanErrorAt(0.999), tokens.getMean(), pairs.getN());
    }
  }

  private static double gain(List<RunResult> round) {
    return Rate.of(round, PACKED).pairs.getMean() / Rate.of(round, PADDED).pairs.getMean();
  }

  /**
   * Compares tokens per second, because the batches of the two orders do not have exactly the same
   * pairs.
   */
  private static double sortedToExpected(List<RunResult> round) {
    return Rate.of(round, SORTED).tokens.getMean()
        * SORTED_WORK
        / Rate.of(round, PACKED).tokens.getMean();
  }

  /** Runs the rounds and prints the ratios. */
  public static void main(String[] args) throws IOException, RunnerException {
    Dl19Pairs.read();
    Path output = Path.of(System.getProperty("benchmark.output", "target"));
    int count = Integer.getInteger("benchmark.rounds", 5);
    List<RunResult> results = new ArrayList<>();
    double[] gains = new double[count];
    double[] sortedToExpected = new double[count];
    for (int i = 0; i < count; i++) {
      List<RunResult> round = List.copyOf(new Runner(options()).run());
      results.addAll(round);
      gains[i] = gain(round);
      sortedToExpected[i] = sortedToExpected(round);
    }
    Path file = Files.createDirectories(output).resolve("packed-versus-padded.json");
    ResultFormatFactory.getInstance(ResultFormatType.JSON, file.toString()).writeOut(results);

    System.out.printf("%n%d rounds, %d threads%n", count, ScoringBenchmark.THREADS);
    for (String benchmark : List.of(PACKED, PADDED, SORTED)) {
      Rate.of(results, benchmark).print(benchmark);
    }
    boolean gain = GAIN.report(gains);
    boolean fair = FAIR.report(sortedToExpected);
    System.out.printf("JMH's results: %s%n", file);
    System.exit(gain && fair ? 0 : 1);
  }

  private static Options options() {
    int batches = Integer.getInteger("benchmark.batches", 8);
    return new OptionsBuilder()
        .include(ScoringBenchmark.class.getSimpleName())
        .param(ScoringBenchmark.BATCHES_PARAMETER, String.valueOf(batches))
        .operationsPerInvocation(batches * ScoringBenchmark.BATCH_PAIRS)
        .shouldFailOnError(true)
        .build();
  }
}
