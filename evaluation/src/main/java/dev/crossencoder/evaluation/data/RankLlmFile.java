package dev.crossencoder.evaluation.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The results of a search with their texts, as files of rank_llm: JSON Lines, or one array.
 *
 * <p>An object has a {@code query} with {@code text} and {@code qid}, and {@code candidates} with
 * {@code docid}, {@code score} and {@code doc}, which is a text or has one; or, as older versions
 * write them, a {@code query} that is a text, and {@code hits} with {@code qid}, {@code docid},
 * {@code content} and {@code score}.
 *
 * @see <a href="https://github.com/castorini/rank_llm/blob/main/src/rank_llm/data.py">rank_llm</a>
 */
public final class RankLlmFile {
  /** The members of a document that may be its text, in the order of rank_llm. */
  private static final List<String> TEXT_NAMES =
      List.of("text", "segment", "contents", "content", "body", "passage");

  /** A document with the id of its query, in any form. */
  private record Hit(String query, String document, String text, float score) {}

  private RankLlmFile() {}

  /**
   * Returns whether a run has this form, by its extension: {@code .json} or {@code .jsonl}, perhaps
   * compressed.
   */
  public static boolean isOne(Path run) {
    String extension = new TextFile(run).extension();
    return extension.equals("json") || extension.equals("jsonl");
  }

  /**
   * Reads a file.
   *
   * @throws InvalidDataException if there is no document, an object has another form, a document is
   *     listed twice for a query, or an id has two texts
   */
  public static RankingData read(Path path, Qrels qrels) throws IOException {
    TextFile file = new TextFile(path);
    Problems malformed =
        new Problems(
            "%,d objects are not those of rank_llm",
            "An object has a query with text and qid, and candidates with docid, score and doc; or a query and hits with qid, docid, content and score.");
    Problems repeated = new Problems("%,d documents repeat one of the same query", "Remove them.");
    Texts queries = new Texts(file, "query", id -> true);
    Texts documents = new Texts(file, "document", id -> true);
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    Set<List<String>> seen = new HashSet<>();
    int[] number = {0};
    file.json(
        object -> {
          number[0]++;
          Optional<List<Hit>> hits = object.has("candidates") ? candidates(object) : hits(object);
          if (hits.isEmpty()) {
            malformed.add("object " + number[0]);
            return;
          }
          JsonNode query = object.path("query");
          if (query.isObject()) {
            String id = query.path("qid").asText();
            queries.add(id, query.path("text").textValue());
            rankings.computeIfAbsent(id, one -> new ArrayList<>());
          }
          for (Hit hit : hits.get()) {
            if (query.isTextual()) {
              queries.add(hit.query(), query.textValue());
            }
            if (!seen.add(List.of(hit.query(), hit.document()))) {
              repeated.add("document %s of query %s".formatted(hit.document(), hit.query()));
            }
            documents.add(hit.document(), hit.text());
            rankings
                .computeIfAbsent(hit.query(), id -> new ArrayList<>())
                .add(new RankedDocument(hit.document(), hit.score()));
          }
        });
    malformed.throwIfAny(file);
    repeated.throwIfAny(file);
    return new RankingData(
        queries.complete(), documents.complete(), new Run(rankings), qrels, true);
  }

  /** Returns the documents of the present form, or nothing if the object has another one. */
  private static Optional<List<Hit>> candidates(JsonNode object) {
    JsonNode query = object.path("query");
    JsonNode candidates = object.path("candidates");
    if (!query.path("text").isTextual() || !isId(query.path("qid")) || !candidates.isArray()) {
      return Optional.empty();
    }
    List<Hit> hits = new ArrayList<>();
    for (JsonNode candidate : candidates) {
      String text = text(candidate.path("doc"));
      if (text == null || !isId(candidate.path("docid")) || !candidate.path("score").isNumber()) {
        return Optional.empty();
      }
      hits.add(hit(query.path("qid"), candidate, text));
    }
    return Optional.of(hits);
  }

  /** Returns the documents of the older form, or nothing if the object has another one. */
  private static Optional<List<Hit>> hits(JsonNode object) {
    if (!object.path("query").isTextual() || !object.path("hits").isArray()) {
      return Optional.empty();
    }
    List<Hit> hits = new ArrayList<>();
    for (JsonNode hit : object.path("hits")) {
      if (!isId(hit.path("qid"))
          || !isId(hit.path("docid"))
          || !hit.path("content").isTextual()
          || !hit.path("score").isNumber()) {
        return Optional.empty();
      }
      hits.add(hit(hit.path("qid"), hit, hit.path("content").textValue()));
    }
    return Optional.of(hits);
  }

  private static Hit hit(JsonNode query, JsonNode document, String text) {
    return new Hit(
        query.asText(), document.path("docid").asText(), text, document.path("score").floatValue());
  }

  private static boolean isId(JsonNode value) {
    return value.isTextual() || value.isIntegralNumber();
  }

  /** Returns the text of a document with its title before it, or null if there is no text. */
  private static String text(JsonNode document) {
    if (document.isTextual()) {
      return document.textValue();
    }
    return TEXT_NAMES.stream()
        .map(document::path)
        .filter(JsonNode::isTextual)
        .findFirst()
        .map(text -> (document.path("title").asText("") + " " + text.textValue()).strip())
        .orElse(null);
  }
}
