package dev.crossencoder.evaluation.statistics;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.hipparchus.random.RandomGenerator;
import org.hipparchus.random.Well19937c;
import org.hipparchus.stat.descriptive.rank.Percentile;
import org.hipparchus.stat.descriptive.rank.Percentile.EstimationType;

/**
 * Resamples queries or pairs with replacement, the same ones for both systems, and computes the
 * difference of their figures again.
 *
 * <p>The interval is the percentile interval of Efron and Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapter 13. The p-value is twice the smaller share of resamples whose
 * difference is at most 0 or at least 0, with one added to counts and to the number of resamples,
 * so that it is never 0 (Davison and Hinkley, "Bootstrap Methods and their Application", 1997,
 * section 4.2). The same seed gives the same result.
 *
 * @param resamples how often, at least 100
 * @param seed of the random numbers
 */
public record PairedBootstrap(int resamples, long seed) {
  /** 10,000 resamples. */
  public static final PairedBootstrap DEFAULT = new PairedBootstrap(10_000, 42);

  private static final int MIN_RESAMPLES = 100;
  private static final double LOW_PERCENT = 2.5;
  private static final double HIGH_PERCENT = 97.5;

  /** How often a resample that has no figure is replaced, for each resample. */
  private static final int MAX_REPLACEMENTS = 10;

  public PairedBootstrap {
    if (resamples < MIN_RESAMPLES) {
      throw new IllegalArgumentException(
          "Invalid number of resamples: %d. It must be at least %d."
              .formatted(resamples, MIN_RESAMPLES));
    }
  }

  /**
   * Computes the difference of the means of a figure.
   *
   * @param first the figure of each query or pair with the first system
   * @param second the same with the second system; the difference is second minus first
   * @throws InvalidDataException if there are no values
   */
  public Difference ofMeans(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "Cannot compare %,d values with %,d. Both systems must have the same queries."
              .formatted(first.length, second.length));
    }
    return of(
        first.length,
        sample ->
            Arrays.stream(sample).mapToDouble(i -> second[i] - first[i]).average().orElseThrow());
  }

  /**
   * Computes a difference.
   *
   * @param size the number of queries or pairs
   * @param difference returns the difference of the two systems on some of them, given by their
   *     indexes; NaN if it is not defined for them, as average precision without a positive pair
   * @throws InvalidDataException if there is nothing to resample, or most resamples have no
   *     difference
   */
  public Difference of(int size, ToDoubleFunction<int[]> difference) {
    if (size == 0) {
      throw new InvalidDataException("Cannot compare, there is nothing to compare.");
    }
    RandomGenerator random = new Well19937c(seed);
    double[] differences = new double[resamples];
    int[] sample = new int[size];
    long drawn = 0;
    int done = 0;
    while (done < resamples) {
      if (drawn++ > (long) resamples * MAX_REPLACEMENTS) {
        throw new InvalidDataException(
            "Cannot compare, the figure is not defined for most samples of the %,d pairs. More pairs of each kind are needed."
                .formatted(size));
      }
      for (int i = 0; i < size; i++) {
        sample[i] = random.nextInt(size);
      }
      double found = difference.applyAsDouble(sample);
      if (!Double.isNaN(found)) {
        differences[done] = found;
        done++;
      }
    }
    Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
    percentile.setData(differences);
    return new Difference(
        difference.applyAsDouble(IntStream.range(0, size).toArray()),
        percentile.evaluate(LOW_PERCENT),
        percentile.evaluate(HIGH_PERCENT),
        pValue(differences));
  }

  private static double pValue(double[] differences) {
    long atMost = Arrays.stream(differences).filter(value -> value <= 0).count();
    long atLeast = Arrays.stream(differences).filter(value -> value >= 0).count();
    return Math.min(1, 2.0 * (Math.min(atMost, atLeast) + 1) / (differences.length + 1));
  }
}
