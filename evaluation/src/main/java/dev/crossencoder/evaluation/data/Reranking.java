package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pairs that a model scores to rerank a run, and the run that its scores make.
 *
 * <pre>{@code
 * Reranking reranking = Reranking.of(data);
 * Run after = reranking.run(model.score(reranking.pairs()).stream().map(Score::score).toList());
 * }</pre>
 */
public final class Reranking {
  private final Map<String, List<RankedDocument>> rankings;
  private final List<TextPair> pairs;

  private Reranking(Map<String, List<RankedDocument>> rankings, List<TextPair> pairs) {
    this.rankings = rankings;
    this.pairs = pairs;
  }

  /**
   * Pairs the queries that are judged with the documents of the run. Other queries have no figures
   * and are not scored.
   *
   * @throws InvalidDataException if the text of a query or of a document is missing, no judged
   *     query has a document, or judgements number queries otherwise than the topics
   */
  public static Reranking of(RankingData data) {
    checkNumbers(data);
    Map<String, List<RankedDocument>> judged = new LinkedHashMap<>();
    data.run()
        .rankings()
        .forEach(
            (query, documents) -> {
              if (data.qrels().grades().containsKey(query)) {
                judged.put(query, documents);
              }
            });
    checkTexts("queries", "topics", judged.keySet(), data.queries());
    Set<String> documents = new LinkedHashSet<>();
    judged.values().forEach(ranking -> ranking.forEach(document -> documents.add(document.id())));
    checkTexts("documents", "corpus", documents, data.documents());
    List<TextPair> pairs = new ArrayList<>();
    judged.forEach(
        (query, ranking) ->
            ranking.forEach(
                document ->
                    pairs.add(
                        new TextPair(
                            data.queries().get(query), data.documents().get(document.id())))));
    if (pairs.isEmpty()) {
      throw new InvalidDataException(
          "Cannot rerank, none of the %,d judged queries has a document.".formatted(judged.size()));
    }
    return new Reranking(judged, List.copyOf(pairs));
  }

  private static void checkNumbers(RankingData data) {
    Set<String> topics = data.queries().keySet();
    if (data.qrels().numberOtherwise(topics)) {
      throw new InvalidDataException(
          "Cannot rerank, judgements are for the queries 1 to %,d, but the %,d topics have other ids, such as %s. If judgements and run number topics by their place, as those of Cranfield do, add --number-topics."
              .formatted(
                  topics.size(),
                  topics.size(),
                  topics.stream()
                      .filter(topic -> !data.qrels().grades().containsKey(topic))
                      .findFirst()
                      .orElseThrow()));
    }
  }

  private static void checkTexts(
      String what, String where, Set<String> ids, Map<String, String> texts) {
    List<String> missing = ids.stream().filter(id -> !texts.containsKey(id)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidDataException(
          "Cannot rerank, %,d of %,d %s are not in the %s; the first is %s. Add them, or remove them from the run."
              .formatted(missing.size(), ids.size(), what, where, missing.get(0)));
    }
  }

  /** The pairs to score. */
  public List<TextPair> pairs() {
    return pairs;
  }

  /** The number of pairs of each query, in the order of the pairs. */
  public List<Integer> pairsByQuery() {
    return rankings.values().stream().map(List::size).toList();
  }

  /**
   * Returns the documents in the order of scores.
   *
   * @param scores of {@link #pairs}, in their order
   * @throws InvalidDataException if a score is NaN
   */
  public Run run(List<Float> scores) {
    if (scores.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "Cannot rerank, there are %,d scores for %,d pairs."
              .formatted(scores.size(), pairs.size()));
    }
    Map<String, List<RankedDocument>> reranked = new LinkedHashMap<>();
    int next = 0;
    for (Map.Entry<String, List<RankedDocument>> ranking : rankings.entrySet()) {
      List<RankedDocument> documents = new ArrayList<>();
      for (RankedDocument document : ranking.getValue()) {
        documents.add(new RankedDocument(document.id(), scores.get(next)));
        next++;
      }
      reranked.put(ranking.getKey(), documents);
    }
    return new Run(reranked);
  }
}
