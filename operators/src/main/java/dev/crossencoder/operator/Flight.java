package dev.crossencoder.operator;

import dev.crossencoder.model.Score;

/**
 * What waits for the outcome of a pair that is being scored: pairs with the same texts. It ends
 * with {@link #scored} or {@link #failed}, or with {@link #abandoned} if nobody waits; after its
 * end, calls have no effect. Thread-safe.
 */
interface Flight {
  /** The pair has a score. */
  void scored(Score score);

  /** The pair has failed. */
  void failed();

  /**
   * The pair may never have an outcome, because its record is done. If others wait, the first one
   * takes its place.
   */
  void abandoned();
}
