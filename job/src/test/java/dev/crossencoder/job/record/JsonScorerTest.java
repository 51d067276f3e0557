package dev.crossencoder.job.record;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.LabelThresholds;
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
  void aTextGetsTheLabelsOfTheOptionOrItsOwn() {
    List<String> labels = List.of("food", "a; ship", "sport");
    ClassifyOptions template = ClassifyOptions.DEFAULT.withTemplate("This is about {}.");
    ResultMember member = new ResultMember("cross_encoder", false, false, InputFraming.NONE);
    CrossEncoderOptions onlyFirst =
        CrossEncoderOptions.DEFAULT.withTruncation(Truncation.ONLY_FIRST);
    try (CrossEncoder nli =
        CrossEncoder.open(ModelRepository.shared().resolve("demo-nli"), onlyFirst)) {
      JsonScorer<?> fixed =
          JsonScorer.ofLabels(
              nli,
              new ClassifyFields("/text", null),
              labels,
              template,
              10,
              LabelThresholds.NONE,
              member);
      JsonScorer<?> own =
          JsonScorer.ofLabels(
              nli,
              new ClassifyFields("/a/text", "/a/labels"),
              null,
              template,
              10,
              LabelThresholds.NONE,
              member);

      JsonScorer.Outcome first = fixed.score(List.of(bytes("{\"text\":\"Warm bread.\"}"))).get(0);
      JsonScorer.Outcome second =
          own.score(
                  List.of(bytes("{\"a\":{\"labels\":[\"one\",\"two\"],\"text\":\"Warm bread.\"}}")))
              .get(0);

      assertLabels(json(first), nli.classify("Warm bread.", labels, template));
      assertLabels(json(second), nli.classify("Warm bread.", List.of("one", "two"), template));
      assertThat(new String(first.value(), StandardCharsets.UTF_8))
          .startsWith(
              "{\"text\":\"Warm bread.\",\"cross_encoder\":{\"model\":\"demo-nli\",\"revision\":\"sha256:")
          .endsWith(",\"truncated\":false}}");
    }
  }

  private static void assertLabels(JsonNode record, Classification expected) {
    JsonNode result = record.path("cross_encoder");
    assertThat(result.path("labels")).hasSize(expected.labels().size());
    for (int i = 0; i < expected.labels().size(); i++) {
      assertThat(result.path("labels").path(i).textValue()).isEqualTo(expected.labels().get(i));
      assertThat(result.path("scores").path(i).floatValue())
          .isCloseTo(expected.scores().get(i), within(1e-5f));
    }
  }

  @Test
  void badLabelsOfARecordHaveAReason() {
    try (CrossEncoder nli =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-nli"), CrossEncoderOptions.DEFAULT)) {
      JsonScorer<?> scorer =
          JsonScorer.ofLabels(
              nli,
              new ClassifyFields("/text", "/labels"),
              null,
              ClassifyOptions.DEFAULT,
              3,
              LabelThresholds.NONE,
              new ResultMember("cross_encoder", false, false, InputFraming.NONE));

      List<JsonScorer.Outcome> outcomes =
          scorer.score(
              List.of(
                  bytes("{\"text\":\"x\",\"labels\":[]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\",\"b\",\"a\"]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\",\" \"]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\",7]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\",{\"b\":1},[\"c\"]]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\",\"b\",\"c\",\"d\"]}"),
                  bytes("{\"text\":\"x\",\"labels\":\"a\"}"),
                  bytes("{\"text\":\"x\"}"),
                  bytes("{\"text\":5,\"labels\":[\"a\"]}"),
                  bytes("{\"text\":\"x\",\"labels\":[\"a\"]}")));

      assertThat(outcomes.subList(0, 9))
          .extracting(outcome -> outcome.failure().code() + ": " + outcome.failure().message())
          .containsExactly(
              "invalid_labels: The list of labels is empty. It must have at least one label.",
              "invalid_labels: Labels 1 and 3 are the same. Each label may be given once.",
              "invalid_labels: Label 2 of 2 is blank. A label must have text.",
              "invalid_labels: Label 2 of 2 is not a string.",
              "invalid_labels: Label 2 of 3 is not a string.",
              "invalid_labels: The record has more than 3 labels. Raise cross-encoder.max-documents, or send fewer labels in a record.",
              "not_array: The record's field /labels is not an array of labels but a string.",
              "missing_field: The record has no field /labels.",
              "not_text: The record's field /text is not a string but a number.");
      assertThat(json(outcomes.get(9)).at("/cross_encoder/labels")).hasSize(1);
    }
  }

  @Test
  void aPairBelowTheSmallestScoreIsFilteredOut() {
    JsonScorer<?> scorer =
        JsonScorer.ofPairs(
            model,
            PairFields.DEFAULTS,
            new ResultMember("cross_encoder", false, false, InputFraming.NONE),
            1.5f,
            LabelThresholds.NONE);

    assertThat(scorer.score(List.of(bytes("{\"query\":\"q\",\"passage\":\"p\"}"))))
        .singleElement()
        .matches(JsonScorer.Outcome::filtered);
  }

  @Test
  void aQueryThatLeavesTooLittleRoomForChunksFailsItsRecordOnly() {
    CrossEncoderOptions options =
        CrossEncoderOptions.DEFAULT
            .withMaxLength(48)
            .withTruncation(Truncation.ONLY_SECOND)
            .withChunking(Chunking.DEFAULT);
    String passage = "Cheese is made of milk. ".repeat(30);
    try (CrossEncoder chunked = CrossEncoder.open(bundle, options)) {
      List<JsonScorer.Outcome> outcomes =
          JsonScorer.ofPairs(
                  chunked,
                  PairFields.DEFAULTS,
                  new ResultMember("cross_encoder", false, false, InputFraming.NONE),
                  Float.NEGATIVE_INFINITY,
                  LabelThresholds.NONE)
              .score(
                  List.of(
                      bytes(
                          "{\"query\":\"%s\",\"passage\":\"%s\"}"
                              .formatted("who ".repeat(40), passage)),
                      bytes("{\"query\":\"q\",\"passage\":\"%s\"}".formatted(passage))));

      assertThat(outcomes.get(0).failure().code()).isEqualTo("pair_too_long");
      assertThat(outcomes.get(1).failure()).isNull();
    }
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
        Float.NEGATIVE_INFINITY,
        LabelThresholds.NONE);
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
