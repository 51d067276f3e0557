package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.testing.TestModels;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits equal those of a separate implementation, whatever the batch. */
class ReferenceLogitsTest {
  private static final double REFERENCE_TOLERANCE = 1e-4;
  private static final double BATCH_TOLERANCE = 1e-5;

  private record Reference(TextPair pair, List<Double> logits) {}

  @ParameterizedTest
  @ValueSource(strings = {"demo-qa", "demo-nli"})
  void logitsEqualTheReference(String model) throws IOException {
    List<Reference> references = references(model);
    try (CrossEncoder encoder = TestModels.open(model)) {
      List<Score> scores = encoder.score(pairs(references));

      for (int i = 0; i < references.size(); i++) {
        List<Double> expected = references.get(i).logits();
        for (int label = 0; label < expected.size(); label++) {
          double logit = expected.get(label);
          assertThat((double) scores.get(i).logits().get(label))
              .as("pair %d, label %d", i, label)
              .isEqualTo(logit, within(REFERENCE_TOLERANCE * Math.max(1, Math.abs(logit))));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-qa", "demo-nli"})
  void aLogitDoesNotDependOnTheBatch(String model) throws IOException {
    assertSameLogitsInBatchesOf(model, 3, 32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-qa", "demo-nli"})
  @Tag("full")
  void aLogitDoesNotDependOnOtherBatchesEither(String model) throws IOException {
    assertSameLogitsInBatchesOf(model, 2, 7);
  }

  private static void assertSameLogitsInBatchesOf(String model, int... sizes) throws IOException {
    List<TextPair> pairs = pairs(references(model));
    try (CrossEncoder encoder = TestModels.open(model)) {
      List<Score> alone = pairs.stream().map(encoder::score).toList();

      for (int batchSize : sizes) {
        List<Integer> order = shuffled(pairs.size(), batchSize);
        for (int start = 0; start < order.size(); start += batchSize) {
          List<Integer> members = order.subList(start, Math.min(order.size(), start + batchSize));
          List<Score> batched =
              encoder.scoreBatch(members.stream().map(i -> encoder.encode(pairs.get(i))).toList());
          for (int i = 0; i < members.size(); i++) {
            assertClose(batched.get(i), alone.get(members.get(i)));
          }
        }
      }
    }
  }

  private static void assertClose(Score actual, Score expected) {
    for (int label = 0; label < expected.logits().size(); label++) {
      float logit = expected.logits().get(label);
      assertThat((double) actual.logits().get(label))
          .isEqualTo(logit, within(BATCH_TOLERANCE * Math.max(1, Math.abs(logit))));
    }
    assertThat(actual.truncated()).isEqualTo(expected.truncated());
    assertThat(actual.label()).isEqualTo(expected.label());
  }

  private static List<Integer> shuffled(int size, int seed) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    return order;
  }

  private static List<TextPair> pairs(List<Reference> references) {
    return references.stream().map(Reference::pair).toList();
  }

  private static List<Reference> references(String model) throws IOException {
    List<Reference> references = new ArrayList<>();
    try (InputStream in =
        ReferenceLogitsTest.class.getResourceAsStream(model + "-reference-logits.json")) {
      for (JsonNode node : JsonFiles.MAPPER.readTree(in)) {
        List<Double> logits = new ArrayList<>();
        node.path("logits").forEach(logit -> logits.add(logit.doubleValue()));
        references.add(
            new Reference(
                new TextPair(node.path("text").asText(), node.path("text_pair").asText()), logits));
      }
    }
    assertThat(references).hasSize(32);
    return references;
  }
}
