package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JsonScorerTest {
  private static Bundle bundle;
  private static CrossEncoder model;

  @BeforeAll
  static void open() {
    bundle = ModelRepository.shared().resolve("demo-qa");
    model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void outcomesComeInTheOrderOfTheRecordsWithTheirOwnScores() {
    List<byte[]> values = new ArrayList<>();
    values.add(bytes("{\"query\":\"q\",\"passage\":\"p\"}"));
    values.add(bytes("no JSON"));
    values.add(null);
    values.add(bytes("{\"query\":\"What is cheese?\",\"passage\":\"Cheese is made of milk.\"}"));

    List<JsonScorer.Outcome> outcomes = scorer(false).score(values);

    assertThat(outcomes).hasSize(4);
    assertThat(text(outcomes.get(0))).isEqualTo(expected("q", "p"));
    assertThat(outcomes.get(1).value()).isNull();
    assertThat(outcomes.get(1).failure().code()).isEqualTo("malformed_json");
    assertThat(outcomes.get(2).failure().code()).isEqualTo("null_value");
    assertThat(text(outcomes.get(3)))
        .isEqualTo(expected("What is cheese?", "Cheese is made of milk."));
  }

  @Test
  void logitsAreAddedWhenAskedFor() {
    JsonScorer.Outcome outcome =
        scorer(true).score(List.of(bytes("{\"query\":\"q\",\"passage\":\"p\"}"))).get(0);

    assertThat(text(outcome)).matches(".*,\"truncated\":false,\"logits\":\\[-?[0-9.E-]+\\]\\}\\}");
  }

  @Test
  void noRecordsGiveNoOutcomes() {
    assertThat(scorer(false).score(List.of())).isEmpty();
    assertThat(scorer(false).score(Collections.singletonList(null))).hasSize(1);
  }

  @Test
  void documentsAreRankedAndABadOneIsAnError() {
    JsonScorer<?> scorer =
        JsonScorer.ofDocuments(
            model,
            new DocumentFields("/query", "/documents", DocumentFields.DEFAULT_TEXTS),
            false,
            new ResultMember("cross_encoder", false, false, InputFraming.NONE),
            RankOptions.ALL,
            10);
    String record =
        "{\"query\":\"What is cheese?\",\"documents\":[\"Bread.\",null,{\"content\":\"Cheese is made of milk.\"}]}";

    List<JsonScorer.Outcome> outcomes =
        scorer.score(
            List.of(
                bytes(record),
                bytes("{\"query\":\"q\",\"documents\":[]}"),
                bytes("{\"query\":\"q\",\"documents\":[7]}")));

    JsonNode result = json(outcomes.get(0)).path("cross_encoder");
    assertThat(result.path("results").findValuesAsText("index")).containsExactly("2", "0");
    assertThat(result.path("results").get(0).path("relevance_score").floatValue())
        .isCloseTo(
            model.score(new TextPair("What is cheese?", "Cheese is made of milk.")).score(),
            within(1e-4f));
    assertThat(result.path("errors"))
        .hasToString(
            "[{\"index\":1,\"code\":\"not_text\",\"message\":\"The document is neither a string nor an object but null.\"}]");
    assertThat(json(outcomes.get(1)).path("cross_encoder").path("results")).isEmpty();
    assertThat(outcomes.get(2).failure().code()).isEqualTo("no_valid_document");
  }

  @Test
  void aPairBelowTheSmallestScoreIsFilteredOut() {
    JsonScorer<?> scorer =
        JsonScorer.ofPairs(
            model,
            PairFields.DEFAULTS,
            new ResultMember("cross_encoder", false, false, InputFraming.NONE),
            RankOptions.ALL.withMinScore(1.5f));

    assertThat(scorer.score(List.of(bytes("{\"query\":\"q\",\"passage\":\"p\"}"))))
        .singleElement()
        .matches(JsonScorer.Outcome::filtered);
  }

  private static JsonNode json(JsonScorer.Outcome outcome) {
    assertThat(outcome.failure()).isNull();
    try {
      return new ObjectMapper().readTree(outcome.value());
    } catch (IOException e) {
      throw new UncheckedIOException("The outcome is no JSON", e);
    }
  }

  private static JsonScorer<?> scorer(boolean logits) {
    return JsonScorer.ofPairs(
        model,
        PairFields.DEFAULTS,
        new ResultMember("cross_encoder", false, logits, InputFraming.NONE),
        RankOptions.ALL);
  }

  /** As the model alone scores the pair; alone and in a batch it is the same to the last digits. */
  private static String expected(String query, String passage) {
    byte[] score =
        new ScoreJson("demo-qa", bundle.digest(), false)
            .write(model.score(List.of(new TextPair(query, passage))).get(0));
    return rounded(
        "{\"query\":\"%s\",\"passage\":\"%s\",\"cross_encoder\":%s}"
            .formatted(query, passage, new String(score, StandardCharsets.UTF_8)));
  }

  private static String text(JsonScorer.Outcome outcome) {
    assertThat(outcome.failure()).isNull();
    return rounded(new String(outcome.value(), StandardCharsets.UTF_8));
  }

  private static String rounded(String json) {
    return json.replaceAll("(\"score\":\\d\\.\\d{4})\\d*", "$1");
  }
}
