package dev.crossencoder.model;

/**
 * Turns the logits of a pair into its scores: an {@link Activation}, or a {@link Calibration} that
 * was fitted to labelled pairs. Immutable.
 */
public sealed interface ScoreFunction permits Activation, Calibration {
  /**
   * Computes the scores of one pair.
   *
   * @param logits one number per label
   * @return one score per label, in a new array
   */
  float[] apply(float[] logits);

  /** The name in reports: lower case, words joined by hyphens. */
  String key();
}
