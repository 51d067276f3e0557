package dev.crossencoder.evaluation.ranking;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of a run.
 *
 * @param figures what was computed
 * @param byQuery by the id of a query, its figures in the order of {@code figures}
 * @param missingQueries the number of judged queries that the run lacks
 * @param unjudgedQueries the number of queries of the run that have no judgement; they have no
 *     figures
 * @param queriesWithoutRelevant the number of queries in {@code byQuery} that have no relevant
 *     document, so that their figures are 0 whatever the run is
 */
public record RankingResult(
    List<RankingFigure> figures,
    Map<String, List<Double>> byQuery,
    int missingQueries,
    int unjudgedQueries,
    int queriesWithoutRelevant) {
  public RankingResult {
    figures = List.copyOf(figures);
    byQuery = Collections.unmodifiableMap(new LinkedHashMap<>(byQuery));
  }

  /** Returns the mean of a figure over the queries of {@code byQuery}. */
  public double mean(RankingFigure figure) {
    int index = indexOf(figure);
    return byQuery.values().stream().mapToDouble(values -> values.get(index)).average().orElse(0);
  }

  /** Returns a figure of each query, in the order of {@code byQuery}. */
  public List<Double> values(RankingFigure figure) {
    int index = indexOf(figure);
    return byQuery.values().stream().map(values -> values.get(index)).toList();
  }

  private int indexOf(RankingFigure figure) {
    int index = figures.indexOf(figure);
    if (index < 0) {
      throw new IllegalArgumentException(
          "Invalid figure: %s. The result has %s.".formatted(figure, figures));
    }
    return index;
  }
}
