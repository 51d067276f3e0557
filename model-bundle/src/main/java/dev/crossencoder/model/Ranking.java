package dev.crossencoder.model;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The order of texts by their scores, which all shapes of a ranking share. */
public final class Ranking {
  private Ranking() {}

  /**
   * Returns the indexes of scores, best first. Equal scores keep their order; NaN comes last.
   *
   * @param topK the largest number of indexes
   * @throws IllegalArgumentException if {@code topK} is not positive
   */
  public static List<Integer> best(List<Score> scores, int topK) {
    if (topK <= 0) {
      throw new IllegalArgumentException("Invalid topK: %d. It must be positive.".formatted(topK));
    }
    return IntStream.range(0, scores.size())
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer index) -> relevance(scores.get(index))).reversed())
        .limit(topK)
        .toList();
  }

  /** Sorts NaN last. */
  private static double relevance(Score score) {
    return Float.isNaN(score.score()) ? Double.NEGATIVE_INFINITY : score.score();
  }
}
