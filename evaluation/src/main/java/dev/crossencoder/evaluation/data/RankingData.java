package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.Run;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A test collection: queries, documents, the documents that a search found, and judgements.
 *
 * @param queries texts by id
 * @param documents texts by id
 * @param run the documents to rerank
 * @param qrels the judgements
 * @param ranked whether the order of the run is that of a search; false if the documents were only
 *     listed, so that there are no figures before reranking
 * @param notes what the reader of figures must know about how the data were read, as sentences
 */
public record RankingData(
    Map<String, String> queries,
    Map<String, String> documents,
    Run run,
    Qrels qrels,
    boolean ranked,
    List<String> notes) {
  public RankingData {
    queries = Collections.unmodifiableMap(new LinkedHashMap<>(queries));
    documents = Collections.unmodifiableMap(new LinkedHashMap<>(documents));
    notes = List.copyOf(notes);
  }

  /** Creates a collection without notes. */
  public RankingData(
      Map<String, String> queries,
      Map<String, String> documents,
      Run run,
      Qrels qrels,
      boolean ranked) {
    this(queries, documents, run, qrels, ranked, List.of());
  }

  /**
   * Returns the collection with the texts of topics and of a corpus, as far as these have them.
   * Other texts stay. A note counts both.
   *
   * @param topics texts by id
   * @param corpus texts by id
   */
  public RankingData withTextsOf(Map<String, String> topics, Map<String, String> corpus) {
    return new RankingData(
            replaced(queries, topics), replaced(documents, corpus), run, qrels, ranked, notes)
        .withNote(
            "%,d of %,d queries and %,d of %,d documents have the texts of the topics and the corpus; the others have those of the run."
                .formatted(
                    replacedCount(queries, topics),
                    queries.size(),
                    replacedCount(documents, corpus),
                    documents.size()));
  }

  private static Map<String, String> replaced(
      Map<String, String> texts, Map<String, String> others) {
    Map<String, String> replaced = new LinkedHashMap<>();
    texts.forEach((id, text) -> replaced.put(id, others.getOrDefault(id, text)));
    return replaced;
  }

  private static long replacedCount(Map<String, String> texts, Map<String, String> others) {
    return texts.keySet().stream().filter(others::containsKey).count();
  }

  RankingData withRun(Run newRun) {
    return new RankingData(queries, documents, newRun, qrels, ranked, notes);
  }

  RankingData withNote(String note) {
    return new RankingData(
        queries,
        documents,
        run,
        qrels,
        ranked,
        Stream.concat(notes.stream(), Stream.of(note)).toList());
  }
}
