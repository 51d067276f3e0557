package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads test collections whose texts are in the samples themselves, as JSON Lines or as one array.
 */
public final class RankingSamples {
  private static final int CANDIDATE_COLUMNS = 4;

  private RankingSamples() {}

  /**
   * Reads samples of sentence-transformers' {@code CrossEncoderRerankingEvaluator}: {@code query},
   * {@code positive} (a text or a list) and either {@code negative} or {@code documents}. {@code
   * documents} are in the order of a search and are reranked without positive ones that the search
   * did not find; those count as relevant documents that are not ranked. There, they are added to
   * the documents before reranking, or do not count with {@code always_rerank_positives=False}. A
   * text that a sample repeats counts once. If the model gives the same score to several documents,
   * the last one of the sample is the first of them, so that negative ones come before positive
   * ones.
   *
   * @throws InvalidDataException if there is no sample, or samples have another form
   */
  public static RankingData read(Path path) throws IOException {
    TextFile file = new TextFile(path);
    Problems malformed =
        new Problems(
            "%,d samples do not have query, positive, and either negative or documents",
            "A query is a text, the others are texts or lists of texts.");
    Problems mixed =
        new Problems(
            "%,d samples have documents where others have negative, or the reverse",
            "Evaluate them apart: only documents have an order before reranking.");
    Problems contradicting =
        new Problems(
            "%,d samples have a text that is positive and negative", "Remove it from one of them.");
    Collector collector = new Collector();
    file.json(
        sample -> {
          collector.samples++;
          String where = "sample " + collector.samples;
          boolean hasDocuments = sample.has("documents");
          List<String> positive = texts(sample.path("positive"));
          List<String> others = texts(sample.path(hasDocuments ? "documents" : "negative"));
          if (!sample.path("query").isTextual()
              || positive == null
              || others == null
              || (hasDocuments && sample.has("negative"))) {
            malformed.add(where);
            return;
          }
          if (collector.ranked != null && collector.ranked != hasDocuments) {
            mixed.add(where);
          }
          collector.ranked = hasDocuments;
          if (!hasDocuments && !Collections.disjoint(positive, others)) {
            contradicting.add(where);
          }
          Set<String> documents = new LinkedHashSet<>(hasDocuments ? List.of() : positive);
          documents.addAll(others);
          collector.add(sample.path("query").textValue(), new ArrayList<>(documents), positive);
        });
    malformed.throwIfAny(file);
    mixed.throwIfAny(file);
    contradicting.throwIfAny(file);
    if (collector.ranked == null) {
      throw file.empty("sample");
    }
    return collector.data();
  }

  /**
   * Reads candidates of MS MARCO: on each line the id of a query, the id of a document, the text of
   * the query and the text of the document, separated by tabs. They are in no order.
   *
   * @throws InvalidDataException if there is no line, a line has another form, a document is listed
   *     twice for a query, or an id has two texts
   */
  public static RankingData readCandidates(Path path, Qrels qrels) throws IOException {
    TextFile file = new TextFile(path);
    Problems malformed =
        new Problems(
            "%,d lines are not 'query document query-text document-text' with tabs",
            "This is the form of MS MARCO's top1000 files.");
    Problems repeated =
        new Problems("%,d lines repeat a document of the same query", "Remove them.");
    Texts documents = new Texts(file, "document", id -> true);
    Texts queries = new Texts(file, "query", id -> true);
    Map<String, Map<String, RankedDocument>> rankings = new LinkedHashMap<>();
    file.lines(
        line -> {
          String[] columns = line.text().split("\t", -1);
          if (columns.length != CANDIDATE_COLUMNS) {
            malformed.add("line " + line.number());
            return;
          }
          queries.add(columns[0], columns[2]);
          documents.add(columns[1], columns[CANDIDATE_COLUMNS - 1]);
          RankedDocument before =
              rankings
                  .computeIfAbsent(columns[0], query -> new LinkedHashMap<>())
                  .put(columns[1], new RankedDocument(columns[1], 0));
          if (before != null) {
            repeated.add("line " + line.number());
          }
        });
    malformed.throwIfAny(file);
    repeated.throwIfAny(file);
    Map<String, List<RankedDocument>> lists = new LinkedHashMap<>();
    rankings.forEach((query, ranking) -> lists.put(query, List.copyOf(ranking.values())));
    return new RankingData(queries.complete(), documents.complete(), new Run(lists), qrels, false);
  }

  /** Returns the texts of a value, or null if it has another form. */
  private static List<String> texts(JsonNode value) {
    if (value.isTextual()) {
      return List.of(value.textValue());
    }
    if (!value.isArray()) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      if (!element.isTextual()) {
        return null;
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  /** Gives ids to texts: the number of the sample and the position in it. */
  private static final class Collector {
    private final Map<String, String> queries = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    private final Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    private int samples;

    /** Whether samples have documents; null before the first one. */
    private Boolean ranked;

    void add(String text, List<String> documents, List<String> positive) {
      String query = String.valueOf(samples);
      queries.put(query, text);
      Map<String, Integer> judged = new LinkedHashMap<>();
      List<RankedDocument> ranking = new ArrayList<>();
      for (int i = 0; i < documents.size(); i++) {
        // Of the same length, so that the order of ids is that of positions.
        String id = "%s-%06d".formatted(query, i);
        texts.put(id, documents.get(i));
        judged.put(id, positive.contains(documents.get(i)) ? 1 : 0);
        ranking.add(new RankedDocument(id, -i));
      }
      int missing = 0;
      for (String relevant : new LinkedHashSet<>(positive)) {
        if (!documents.contains(relevant)) {
          judged.put("%s-missing-%d".formatted(query, missing), 1);
          missing++;
        }
      }
      grades.put(query, judged);
      rankings.put(query, ranking);
    }

    RankingData data() {
      return new RankingData(queries, texts, new Run(rankings), new Qrels(grades), ranked);
    }
  }
}
