package dev.crossencoder.evaluation.statistics;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
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

  /** The smallest number of queries or pairs that can be compared. */
  public static final int MIN_SIZE = 5;

  /**
   * The number of queries or pairs below which the percentile interval is clearly too narrow and
   * the p-value too small, as it is with any small sample.
   */
  public static final int RELIABLE_SIZE = 30;

  private static final int MIN_RESAMPLES = 100;
  private static final double LOW_PERCENT = 2.5;
  private static final double HIGH_PERCENT = 97.5;

  /** A smaller difference is 0: sums of the same numbers in another order differ by less. */
  private static final double ROUNDING = 1e-12;

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
   * Checks that there is enough to resample.
   *
   * @param size the number of queries or pairs
   * @throws InvalidDataException if there are fewer than {@link #MIN_SIZE}
   */
  public static void checkSize(int size) {
    if (size < MIN_SIZE) {
      throw new InvalidDataException(
          "Cannot compare, there are only %d queries or pairs. A bootstrap needs at least %d, and its intervals are too narrow below %d."
              .formatted(size, MIN_SIZE, RELIABLE_SIZE));
    }
  }

  /**
   * Computes the difference of the means of a figure.
   *
   * @param first the figure of each query or pair with the first system
   * @param second the same with the second system; the difference is second minus first
   * @throws InvalidDataException as {@link #of}
   */
  public Difference ofMeans(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "Cannot compare %,d values with %,d. Both systems must have the same queries."
              .formatted(first.length, second.length));
    }
    return of(first.length, mean(first), mean(second), done -> {}).get(0);
  }

  private static Resampling mean(double[] values) {
    return counts -> {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += counts[i] * values[i];
      }
      return new double[] {sum / values.length};
    };
  }

  /**
   * Computes the differences of all figures of two systems, second minus first. A resample for
   * which a figure is not defined is replaced by another one, for this figure.
   *
   * @param size the number of queries or pairs
   * @param progress receives the number of resamples that were computed
   * @return a difference for each figure, in their order
   * @throws InvalidDataException if there are fewer than {@link #MIN_SIZE} queries or pairs, or a
   *     figure is not defined for most resamples
   */
  public List<Difference> of(int size, Resampling first, Resampling second, IntConsumer progress) {
    checkSize(size);
    int[] counts = new int[size];
    Arrays.fill(counts, 1);
    double[] observed = differences(first, second, counts);
    double[][] differences = new double[observed.length][resamples];
    int[] done = new int[observed.length];
    RandomGenerator random = new Well19937c(seed);
    int least = 0;
    for (long drawn = 0; least < resamples; drawn++) {
      if (drawn > (long) resamples * MAX_REPLACEMENTS) {
        throw new InvalidDataException(
            "Cannot compare, a figure is not defined for most samples of the %,d pairs. More pairs of each kind are needed."
                .formatted(size));
      }
      Arrays.fill(counts, 0);
      for (int i = 0; i < size; i++) {
        counts[random.nextInt(size)]++;
      }
      double[] found = differences(first, second, counts);
      least = resamples;
      for (int figure = 0; figure < found.length; figure++) {
        if (done[figure] < resamples && !Double.isNaN(found[figure])) {
          differences[figure][done[figure]] = found[figure];
          done[figure]++;
        }
        least = Math.min(least, done[figure]);
      }
      progress.accept(least);
    }
    return IntStream.range(0, observed.length)
        .mapToObj(figure -> difference(observed[figure], differences[figure]))
        .toList();
  }

  private static double[] differences(Resampling first, Resampling second, int[] counts) {
    double[] ofFirst = first.figures(counts);
    double[] ofSecond = second.figures(counts);
    return IntStream.range(0, ofFirst.length).mapToDouble(i -> ofSecond[i] - ofFirst[i]).toArray();
  }

  private static Difference difference(double observed, double[] resampled) {
    Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
    percentile.setData(resampled);
    return new Difference(
        observed,
        percentile.evaluate(LOW_PERCENT),
        percentile.evaluate(HIGH_PERCENT),
        pValue(resampled));
  }

  private static double pValue(double[] differences) {
    long atMost = Arrays.stream(differences).filter(value -> value <= ROUNDING).count();
    long atLeast = Arrays.stream(differences).filter(value -> value >= -ROUNDING).count();
    return Math.min(1, 2.0 * (Math.min(atMost, atLeast) + 1) / (differences.length + 1));
  }
}
