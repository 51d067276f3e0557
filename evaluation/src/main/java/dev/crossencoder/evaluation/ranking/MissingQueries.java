package dev.crossencoder.evaluation.ranking;

/** What a judged query that the run lacks does to the mean of a figure. */
public enum MissingQueries {
  /** Its figures are 0, as with {@code trec_eval -c} and in ir-measures. */
  COUNT_AS_ZERO,
  /** It is left out of the mean, as in trec_eval without {@code -c} and in pytrec_eval. */
  LEFT_OUT
}
