package dev.crossencoder.cli.rank;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.crossencoder.cli.document.Document;
import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.operator.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The documents in the order of their scores, and those that could not be scored.
 *
 * @param query the query
 * @param stages the models, first to last; one unless there is a cascade
 * @param results the scored documents, best first
 * @param errors the others, in the order of the input
 */
record RankedDocuments(
    String query, List<Stage> stages, List<Result> results, List<Refused> errors) {
  /**
   * A scored document.
   *
   * @param index its position among all documents, from 0
   * @param stage the model that gave the score, as an index into the stages
   */
  record Result(int index, Document document, Score score, int stage) {}

  /**
   * A document that could not be scored.
   *
   * @param index its position among all documents, from 0
   * @param message a sentence that contains nothing of its text
   */
  record Refused(int index, Document document, String message) {}

  /** Returns a table with one line per document. Its text is shortened to fit on the line. */
  String table() {
    List<ColumnData<Integer>> columns = new ArrayList<>();
    columns.add(
        new Column()
            .header("rank")
            .dataAlign(HorizontalAlign.RIGHT)
            .with(place -> String.valueOf(place + 1)));
    columns.add(
        new Column()
            .header("score")
            .headerAlign(HorizontalAlign.RIGHT)
            .dataAlign(HorizontalAlign.RIGHT)
            .with(place -> String.format(Locale.ROOT, "%.4f", results.get(place).score().score())));
    if (stages.size() > 1) {
      columns.add(
          new Column()
              .header("model")
              .dataAlign(HorizontalAlign.LEFT)
              .headerAlign(HorizontalAlign.LEFT)
              .with(place -> stages.get(results.get(place).stage()).model()));
    }
    columns.add(
        new Column()
            .header("source")
            .dataAlign(HorizontalAlign.LEFT)
            .headerAlign(HorizontalAlign.LEFT)
            .with(place -> results.get(place).document().source()));
    if (results.stream().anyMatch(result -> result.document().id() != null)) {
      columns.add(
          new Column()
              .header("id")
              .dataAlign(HorizontalAlign.LEFT)
              .headerAlign(HorizontalAlign.LEFT)
              .with(place -> String.valueOf(results.get(place).document().id())));
    }
    columns.add(
        new Column()
            .header("document")
            .dataAlign(HorizontalAlign.LEFT)
            .headerAlign(HorizontalAlign.LEFT)
            .maxWidth(Document.MAX_BEGINNING + 3)
            .with(place -> beginning(results.get(place))));
    List<Integer> places = IntStream.range(0, results.size()).boxed().toList();
    return AsciiTable.getTable(AsciiTable.NO_BORDERS, places, columns)
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
  }

  /** Returns the beginning of the part of a document that its score comes from, if it is known. */
  private static String beginning(Result result) {
    Document document = result.document();
    Span evidence = result.score().evidence();
    Chunk chunk = result.score().bestChunk();
    if (evidence != null) {
      return document.beginning(evidence.start(), evidence.end());
    }
    return chunk == null ? document.beginning() : document.beginning(chunk.start(), chunk.end());
  }

  /**
   * Returns a JSON object on one line, with the member names that Cohere and Jina give to
   * rerankings.
   *
   * @param documents whether to add the texts
   */
  String json(boolean documents) {
    ObjectNode root = JsonMapper.builder().build().createObjectNode();
    Stage main = stages.get(stages.size() - 1);
    root.put("model", main.model()).put("revision", main.revision()).put("query", query);
    if (stages.size() > 1) {
      ArrayNode models = root.putArray("stages");
      stages.forEach(
          stage ->
              models.addObject().put("model", stage.model()).put("revision", stage.revision()));
    }
    ArrayNode list = root.putArray("results");
    for (Result result : results) {
      ObjectNode entry = list.addObject().put("index", result.index());
      entry.put("relevance_score", result.score().score());
      if (stages.size() > 1) {
        entry.put("stage", result.stage());
      }
      entry.put("truncated", result.score().truncated());
      putChunks(entry, result.score());
      putOrigin(entry, result.document());
      if (documents) {
        entry.put("document", result.document().text());
      }
    }
    if (!errors.isEmpty()) {
      ArrayNode refused = root.putArray("errors");
      for (Refused error : errors) {
        ObjectNode entry = refused.addObject().put("index", error.index());
        entry.put("message", error.message());
        putOrigin(entry, error.document());
      }
    }
    return root.toString();
  }

  private static void putChunks(ObjectNode entry, Score score) {
    Chunk chunk = score.bestChunk();
    if (chunk != null) {
      entry
          .putObject("best_chunk")
          .put("index", chunk.index())
          .put("start", chunk.start())
          .put("end", chunk.end());
    }
    Span evidence = score.evidence();
    if (evidence != null) {
      entry.putObject("evidence").put("start", evidence.start()).put("end", evidence.end());
    }
  }

  private static void putOrigin(ObjectNode entry, Document document) {
    entry.put("source", document.source());
    if (document.id() != null) {
      entry.put("id", document.id());
    }
  }
}
