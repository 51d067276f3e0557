package dev.crossencoder.evaluation.ranking;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares runs with judgements.
 *
 * <pre>{@code
 * RankingFigure ndcg = RankingFigure.parse("ndcg@10");
 * RankingResult result =
 *     new RankingEvaluation(qrels, List.of(ndcg), RankingOptions.DEFAULT).evaluate(run);
 * result.mean(ndcg);
 * }</pre>
 *
 * @param qrels the judgements
 * @param figures what is computed
 * @param options how
 */
public record RankingEvaluation(Qrels qrels, List<RankingFigure> figures, RankingOptions options) {
  public RankingEvaluation {
    figures = List.copyOf(figures);
  }

  /**
   * Computes the figures of all judged queries, in the order of the judgements.
   *
   * @throws InvalidDataException if no query of the run is judged, or judgements number queries
   *     otherwise than the run
   */
  public RankingResult evaluate(Run run) {
    checkNumbers(run.rankings().keySet());
    Map<String, List<Double>> byQuery = new LinkedHashMap<>();
    int missing = 0;
    int withoutRelevant = 0;
    for (Map.Entry<String, Map<String, Integer>> judged : qrels.grades().entrySet()) {
      List<RankedDocument> ranking = run.rankings().get(judged.getKey());
      if (ranking == null) {
        missing++;
        if (options.missingQueries() == MissingQueries.LEFT_OUT) {
          continue;
        }
      }
      JudgedRanking grades =
          JudgedRanking.of(
              ranking == null ? List.of() : ranking, judged.getValue(), options.relevanceLevel());
      withoutRelevant += grades.allRelevant() == 0 ? 1 : 0;
      byQuery.put(judged.getKey(), figures.stream().map(figure -> figure.of(grades)).toList());
    }
    if (missing == qrels.grades().size()) {
      throw new InvalidDataException(
          "Cannot evaluate, none of the %,d queries of the run has judgements, which are for %,d other queries. Give the judgements of this run."
              .formatted(run.rankings().size(), qrels.grades().size()));
    }
    int unjudged =
        (int)
            run.rankings().keySet().stream()
                .filter(query -> !qrels.grades().containsKey(query))
                .count();
    return new RankingResult(figures, byQuery, missing, unjudged, withoutRelevant);
  }

  private void checkNumbers(Set<String> queries) {
    if (qrels.numberOtherwise(queries)) {
      throw new InvalidDataException(
          "Cannot evaluate, judgements are for the queries 1 to %,d, but the %,d queries of the run have other ids, such as %s. If judgements number queries by their place, as those of Cranfield do, change the ids of the run."
              .formatted(
                  qrels.grades().size(),
                  queries.size(),
                  queries.stream()
                      .filter(query -> !qrels.grades().containsKey(query))
                      .findFirst()
                      .orElseThrow()));
    }
  }
}
