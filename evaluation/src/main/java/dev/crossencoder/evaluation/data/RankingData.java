package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.Run;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A test collection: queries, documents, the documents that a search found, and judgements.
 *
 * @param queries texts by id
 * @param documents texts by id
 * @param run the documents to rerank
 * @param qrels the judgements
 * @param ranked whether the order of the run is that of a search; false if the documents were only
 *     listed, so that there are no figures before reranking
 */
public record RankingData(
    Map<String, String> queries,
    Map<String, String> documents,
    Run run,
    Qrels qrels,
    boolean ranked) {
  public RankingData {
    queries = Collections.unmodifiableMap(new LinkedHashMap<>(queries));
    documents = Collections.unmodifiableMap(new LinkedHashMap<>(documents));
  }
}
