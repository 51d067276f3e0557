package dev.crossencoder.model;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The order of texts by their scores, which all shapes of a ranking share. */
public final class Ranking {
  private Ranking() {}

  /**
   * Returns the indexes of scores, best first. Equal scores keep their order; NaN comes last, and
   * reaches no smallest score.
   */
  public static List<Integer> best(List<Score> scores, RankOptions options) {
    return IntStream.range(0, scores.size())
        .filter(index -> reaches(scores.get(index), options.minScore()))
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer index) -> relevance(scores.get(index))).reversed())
        .limit(options.topN())
        .toList();
  }

  private static boolean reaches(Score score, float minScore) {
    return minScore == Float.NEGATIVE_INFINITY || score.score() >= minScore;
  }

  /** Sorts NaN last. */
  private static double relevance(Score score) {
    return Float.isNaN(score.score()) ? Double.NEGATIVE_INFINITY : score.score();
  }
}
