package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.ranking.RankedDocument;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A search by BM25 over a few documents, on words of letters and digits in lower case, with the
 * parameters of Anserini. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
 * Beyond", 2009, with the inverse document frequency of Lucene, which is never negative.
 */
final class Bm25 {
  /** How soon more occurrences of a word stop to count. */
  static final double K1 = 0.9;

  /** How much the length of a document counts. */
  static final double B = 0.4;

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

  private final Map<String, Map<String, Integer>> occurrences = new HashMap<>();
  private final Map<String, Integer> lengths = new HashMap<>();
  private final double meanLength;

  /**
   * Indexes documents.
   *
   * @param documents texts by id
   */
  Bm25(Map<String, String> documents) {
    documents.forEach(
        (id, text) -> {
          List<String> words = words(text);
          lengths.put(id, words.size());
          for (String word : words) {
            occurrences.computeIfAbsent(word, one -> new HashMap<>()).merge(id, 1, Integer::sum);
          }
        });
    meanLength = lengths.values().stream().mapToInt(Integer::intValue).average().orElse(1);
  }

  /** Returns the best documents that contain a word of the query, best first. */
  List<RankedDocument> search(String query, int depth) {
    Map<String, Double> scores = new HashMap<>();
    for (String word : new LinkedHashSet<>(words(query))) {
      Map<String, Integer> found = occurrences.getOrDefault(word, Map.of());
      double rarity = Math.log(1 + (lengths.size() - found.size() + 0.5) / (found.size() + 0.5));
      found.forEach(
          (id, count) ->
              scores.merge(
                  id,
                  rarity
                      * count
                      * (K1 + 1)
                      / (count + K1 * (1 - B + B * lengths.get(id) / meanLength)),
                  Double::sum));
    }
    return scores.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(depth)
        .map(entry -> new RankedDocument(entry.getKey(), entry.getValue().floatValue()))
        .toList();
  }

  private static List<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }
}
