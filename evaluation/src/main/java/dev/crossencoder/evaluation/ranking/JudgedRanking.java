package dev.crossencoder.evaluation.ranking;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One ranking as the grades of its documents. An unjudged document has the grade 0, as in
 * trec_eval.
 *
 * @param grades the grades of the documents, best rank first
 * @param ideal the grades of all judged documents of the query, highest first
 * @param relevanceLevel the lowest grade that is relevant
 */
record JudgedRanking(int[] grades, int[] ideal, int relevanceLevel) {
  static JudgedRanking of(
      List<RankedDocument> ranking, Map<String, Integer> judgements, int relevanceLevel) {
    return new JudgedRanking(
        ranking.stream().mapToInt(document -> judgements.getOrDefault(document.id(), 0)).toArray(),
        judgements.values().stream()
            .sorted(Comparator.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray(),
        relevanceLevel);
  }

  /** Returns whether the document at a rank, from 0, is relevant. */
  boolean relevant(int rank) {
    return grades[rank] >= relevanceLevel;
  }

  /** The number of relevant documents of the query, whether they are ranked or not. */
  int allRelevant() {
    return (int) Arrays.stream(ideal).filter(grade -> grade >= relevanceLevel).count();
  }

  /** The number of relevant documents among the first ones. */
  int relevantWithin(int cutoff) {
    int found = 0;
    for (int rank = 0; rank < Math.min(cutoff, grades.length); rank++) {
      found += relevant(rank) ? 1 : 0;
    }
    return found;
  }
}
