package dev.crossencoder.evaluation.ranking;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

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
}
