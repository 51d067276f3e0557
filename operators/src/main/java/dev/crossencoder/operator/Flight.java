package dev.crossencoder.operator;

import dev.crossencoder.model.Score;

/**
 * What waits for the outcome of a pair that is being scored: pairs of other records with the same
 * texts. One of its methods is called when the outcome is there; further calls have no effect.
 */
interface Flight {
  /** The pair has a score. */
  void scored(Score score);

  /** The pair has failed. */
  void failed();

  /** The pair may never have an outcome, because its record is done. */
  void abandoned();
}
