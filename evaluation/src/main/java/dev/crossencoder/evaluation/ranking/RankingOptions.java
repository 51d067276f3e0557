package dev.crossencoder.evaluation.ranking;

import static java.util.Objects.requireNonNull;

/**
 * How rankings are compared with judgements.
 *
 * @param missingQueries what judged queries that the run lacks count
 * @param relevanceLevel the lowest grade that is relevant for the binary figures, at least 1;
 *     trec_eval's option {@code -l}. TREC Deep Learning takes 2 for all figures but NDCG.
 */
public record RankingOptions(MissingQueries missingQueries, int relevanceLevel) {
  /** Missing queries count as 0, and grades from 1 are relevant. */
  public static final RankingOptions DEFAULT = new RankingOptions(MissingQueries.COUNT_AS_ZERO, 1);

  public RankingOptions {
    requireNonNull(missingQueries, "missingQueries is null");
    if (relevanceLevel < 1) {
      throw new IllegalArgumentException(
          "Invalid relevance level: %d. It must be at least 1: unjudged documents have the grade 0."
              .formatted(relevanceLevel));
    }
  }

  public RankingOptions withMissingQueries(MissingQueries newMissingQueries) {
    return new RankingOptions(newMissingQueries, relevanceLevel);
  }

  public RankingOptions withRelevanceLevel(int newRelevanceLevel) {
    return new RankingOptions(missingQueries, newRelevanceLevel);
  }
}
