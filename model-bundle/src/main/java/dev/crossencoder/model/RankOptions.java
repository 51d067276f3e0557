package dev.crossencoder.model;

import java.io.Serializable;

/**
 * Which texts of a ranking are results.
 *
 * @param topN the largest number of results, at least 1
 * @param minScore the smallest score of a result, not NaN
 */
public record RankOptions(int topN, float minScore) implements Serializable {
  /** All texts. */
  public static final RankOptions ALL = new RankOptions(Integer.MAX_VALUE, Float.NEGATIVE_INFINITY);

  private static final long serialVersionUID = 1L;

  public RankOptions {
    if (topN <= 0) {
      throw new IllegalArgumentException("Invalid topN: %d. It must be positive.".formatted(topN));
    }
    if (Float.isNaN(minScore)) {
      throw new IllegalArgumentException("Invalid minScore: NaN. It must be a number.");
    }
  }

  /** Returns options with another number of results. */
  public RankOptions withTopN(int newTopN) {
    return new RankOptions(newTopN, minScore);
  }

  /** Returns options with another smallest score. */
  public RankOptions withMinScore(float newMinScore) {
    return new RankOptions(topN, newMinScore);
  }
}
