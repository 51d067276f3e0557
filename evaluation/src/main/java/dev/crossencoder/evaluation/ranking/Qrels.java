package dev.crossencoder.evaluation.ranking;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The judgements of documents by query.
 *
 * @param grades by the id of a query, the grade of each judged document by its id. A grade of at
 *     least 1 is relevant; 0 and negative grades are not.
 */
public record Qrels(Map<String, Map<String, Integer>> grades) {
  public Qrels {
    Map<String, Map<String, Integer>> copy = new LinkedHashMap<>();
    grades.forEach(
        (query, ofQuery) ->
            copy.put(query, Collections.unmodifiableMap(new LinkedHashMap<>(ofQuery))));
    grades = Collections.unmodifiableMap(copy);
  }

  /** Returns the number of judgements of all queries. */
  public int size() {
    return grades.values().stream().mapToInt(Map::size).sum();
  }

  /** Returns the judgements of a query; none if it is not judged. */
  public Map<String, Integer> of(String query) {
    return grades.getOrDefault(query, Map.of());
  }

  /**
   * Returns whether judgements seem to number queries by their place, as those of Cranfield do:
   * they are for the queries from 1 to n, and there are n queries, of which only some have such an
   * id. Figures would be wrong, because the same id means two queries.
   *
   * @param queries the ids of all queries
   */
  public boolean numberOtherwise(Set<String> queries) {
    return queries.size() == grades.size()
        && !queries.equals(grades.keySet())
        && !Collections.disjoint(queries, grades.keySet())
        && IntStream.rangeClosed(1, grades.size())
            .mapToObj(String::valueOf)
            .allMatch(grades::containsKey);
  }
}
