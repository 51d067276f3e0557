package dev.crossencoder.evaluation.statistics;

/** Computes the figures of one system on resamples of queries or pairs. */
@FunctionalInterface
public interface Resampling {
  /**
   * Computes figures.
   *
   * @param counts how often each query or pair was drawn; not all are 0
   * @return the figures, always in the same order; NaN for one that is not defined for the
   *     resample, as average precision without a positive pair
   */
  double[] figures(int[] counts);
}
