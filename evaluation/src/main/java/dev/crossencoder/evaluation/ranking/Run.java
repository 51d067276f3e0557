package dev.crossencoder.evaluation.ranking;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The documents that a system returned for each query.
 *
 * @param rankings by the id of a query, its documents, best first: sorted by {@link
 *     RankedDocument#TREC_EVAL_ORDER}
 */
public record Run(Map<String, List<RankedDocument>> rankings) {
  /**
   * Sorts the documents of each query.
   *
   * @throws InvalidDataException if a score is NaN, or a document is listed twice for a query
   */
  public Run {
    long undefined =
        rankings.values().stream()
            .flatMap(List::stream)
            .filter(document -> Float.isNaN(document.score()))
            .count();
    if (undefined > 0) {
      throw new InvalidDataException(
          "Cannot rank, %,d of %,d scores are NaN. A document without a score has no rank: leave it out, or give it one."
              .formatted(undefined, documents(rankings)));
    }
    rankings.forEach(Run::checkDistinct);
    Map<String, List<RankedDocument>> sorted = new LinkedHashMap<>();
    rankings.forEach(
        (query, documents) ->
            sorted.put(query, documents.stream().sorted(RankedDocument.TREC_EVAL_ORDER).toList()));
    rankings = Collections.unmodifiableMap(sorted);
  }

  /** Returns the number of documents of all queries. */
  public int size() {
    return documents(rankings);
  }

  /** Returns the ids of the documents of all queries. */
  public Set<String> documents() {
    return rankings.values().stream()
        .flatMap(List::stream)
        .map(RankedDocument::id)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static void checkDistinct(String query, List<RankedDocument> documents) {
    Set<String> ids = new HashSet<>();
    for (RankedDocument document : documents) {
      if (!ids.add(document.id())) {
        throw new InvalidDataException(
            "Cannot rank, query %s has the document %s twice. A document has one rank."
                .formatted(query, document.id()));
      }
    }
  }

  private static int documents(Map<String, List<RankedDocument>> rankings) {
    return rankings.values().stream().mapToInt(List::size).sum();
  }
}
