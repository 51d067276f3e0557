package dev.crossencoder.job.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreJsonTest {
  private static final Score RELEVANCE = new Score(0.5f, null, Map.of(), List.of(0f), false);
  private static final Score LABELLED =
      new Score(
          3.1f,
          "entailment",
          Map.of("neutral", -0.4f, "entailment", 3.1f, "contradiction", -2f),
          List.of(-2f, 3.1f, -0.4f),
          true);

  @Test
  void oneLabelGivesAScoreAlone() {
    assertThat(write(new ScoreJson("demo-qa", "sha256:4f", false), RELEVANCE))
        .isEqualTo(
            "{\"model\":\"demo-qa\",\"revision\":\"sha256:4f\",\"score\":0.5,\"truncated\":false}");
  }

  @Test
  void severalLabelsGiveTheWinnerAndTheScoreOfEach() {
    assertThat(write(new ScoreJson("demo-nli", "sha256:4f", false), LABELLED))
        .isEqualTo(
            "{\"model\":\"demo-nli\",\"revision\":\"sha256:4f\",\"score\":3.1,\"label\":\"entailment\",\"scores\":{\"contradiction\":-2.0,\"entailment\":3.1,\"neutral\":-0.4},\"truncated\":true}");
  }

  @Test
  void theBestChunkOfALongTextIsNamed() {
    Score score =
        new Score(
            0.5f,
            null,
            Map.of(),
            List.of(0f),
            false,
            new Chunk(2, 4180, 6010),
            Map.of(),
            new Span(5005, 5100));

    assertThat(write(new ScoreJson("demo-qa", "sha256:4f", true), score))
        .endsWith(
            ",\"truncated\":false,\"best_chunk\":{\"index\":2,\"start\":4180,\"end\":6010},\"evidence\":{\"start\":5005,\"end\":5100},\"logits\":[0.0]}");
  }

  @Test
  void theBestChunksOfALongPremiseAreNamedByLabel() {
    Score score =
        new Score(
            2f,
            "yes",
            Map.of("no", 1f, "yes", 2f),
            List.of(1f, 2f),
            false,
            new Chunk(1, 10, 20),
            Map.of("yes", new Chunk(1, 10, 20), "no", new Chunk(0, 0, 12)),
            null);

    assertThat(write(new ScoreJson("demo-nli", "sha256:4f", false), score))
        .endsWith(
            ",\"best_chunk\":{\"index\":1,\"start\":10,\"end\":20},\"best_chunks\":{\"no\":{\"index\":0,\"start\":0,\"end\":12},\"yes\":{\"index\":1,\"start\":10,\"end\":20}}}");
  }

  @Test
  void logitsComeLastAndOnlyWhenAskedFor() {
    assertThat(write(new ScoreJson("m", "r", true), RELEVANCE))
        .endsWith(",\"truncated\":false,\"logits\":[0.0]}");
    assertThat(write(new ScoreJson("m", "r", true), LABELLED))
        .endsWith(",\"truncated\":true,\"logits\":[-2.0,3.1,-0.4]}");
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0f,
        -0f,
        1e-10f,
        -1.17549435E-38f,
        Float.MIN_VALUE,
        Float.MAX_VALUE,
        16777216f,
        1e7f,
        0.1f,
        11.123457f,
        1.0e10f
      })
  void everyFloatIsAJsonNumberThatReadsAsItself(float value) throws Exception {
    Score score = new Score(value, null, Map.of(), List.of(value), false);

    String json = write(new ScoreJson("m", "r", true), score);

    JsonNode tree = new ObjectMapper().readTree(json);
    assertThat(tree.path("score").isNumber()).isTrue();
    assertThat(Float.parseFloat(tree.path("score").asText())).isEqualTo(value);
    assertThat(json).contains("\"score\":" + tree.path("logits").get(0).asText());
  }

  @Test
  void namesAreEscaped() throws Exception {
    Score score = new Score(1f, "\"\n", Map.of("\"\n", 1f, "\ud83e\uddc0", 0f), List.of(), false);

    JsonNode tree = new ObjectMapper().readTree(write(new ScoreJson("a\"b", "\\", false), score));

    assertThat(tree.path("model").asText()).isEqualTo("a\"b");
    assertThat(tree.path("revision").asText()).isEqualTo("\\");
    assertThat(tree.path("label").asText()).isEqualTo("\"\n");
    assertThat(tree.path("scores").path("\ud83e\uddc0").asDouble()).isZero();
  }

  @Test
  void aMembersNameIsQuoted() {
    assertThat(new String(ScoreJson.quote("a\"\u00e9\n"), StandardCharsets.UTF_8))
        .isEqualTo("\"a\\\"\u00e9\\n\"");
  }

  private static String write(ScoreJson json, Score score) {
    return new String(json.write(score), StandardCharsets.UTF_8);
  }
}
