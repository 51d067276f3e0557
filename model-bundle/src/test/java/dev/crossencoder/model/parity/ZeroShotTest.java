package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.tokenizer.Truncation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Classifications equal those of transformers' zero-shot classification pipeline with the same
 * weights. {@code src/test/python/zero_shot.py} recorded them.
 */
class ZeroShotTest {
  private static final double TOLERANCE = 1e-4;

  /** Of small scores, of which the absolute tolerance would say nothing. */
  private static final double RELATIVE_TOLERANCE = 1e-3;

  @TempDir private Path folder;

  static List<String> checkpoints() throws IOException {
    List<String> names = new ArrayList<>();
    recorded().path("references").forEach(r -> names.add(r.path("checkpoint").asText()));
    return names;
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void classificationsEqualThoseOfTransformers(String checkpoint) throws IOException {
    JsonNode reference = reference(checkpoint);
    JsonNode cases = recorded().path("cases");
    try (CrossEncoder model = open(reference)) {
      assertThat(model.bundle().manifest().labels()).isEqualTo(strings(reference.path("labels")));
      for (int i = 0; i < cases.size(); i++) {
        List<String> labels = strings(cases.path(i).path("labels"));
        Classification actual =
            model.classify(cases.path(i).path("text").asText(), labels, options(cases.path(i)));

        assertThat(actual.labels()).as("case %d", i).containsExactlyInAnyOrderElementsOf(labels);
        assertThat(actual.scores()).isSortedAccordingTo(Comparator.reverseOrder());
        for (int label = 0; label < labels.size(); label++) {
          double expected = reference.path("scores").path(i).path(label).doubleValue();
          double score = actual.scores().get(actual.labels().indexOf(labels.get(label)));
          assertThat(score)
              .as("case %d, label %d", i, label)
              .isEqualTo(expected, within(Math.min(TOLERANCE, RELATIVE_TOLERANCE * expected)));
        }
      }
    }
  }

  @Test
  void aLongTextIsTruncatedAndTheHypothesisIsNot() throws IOException {
    String longText = "The keeper lit the lamp each evening. ".repeat(100);
    List<String> labels = List.of("light", "bread");
    try (CrossEncoder model = TestModels.open("demo-nli")) {
      Classification cut = model.classify(longText, labels);
      assertThat(cut.truncated()).isTrue();
      assertThat(model.classify("The keeper lit the lamp.", labels).truncated()).isFalse();
      assertThatThrownBy(() -> model.classify(longText, List.of("light ".repeat(600))))
          .isInstanceOf(PairTooLongException.class)
          .hasMessageContaining("its second text has at least");
    }
    try (CrossEncoder model =
        CrossEncoder.open(
            TestModels.bundle("demo-nli"),
            CrossEncoderOptions.DEFAULT.withTruncation(Truncation.LONGEST_FIRST))) {
      assertThat(model.classify(longText, List.of("light ".repeat(600))).truncated()).isTrue();
    }
  }

  @Test
  void severalTextsAreClassifiedAsEachAlone() throws IOException {
    List<String> texts = List.of("Bread is baked with flour.", "The ship sank.", "");
    List<String> labels = List.of("food", "shipping", "sport");
    try (CrossEncoder model = TestModels.open("demo-nli")) {
      List<Classification> together = model.classify(texts, labels, ClassifyOptions.DEFAULT);

      for (int i = 0; i < texts.size(); i++) {
        Classification alone = model.classify(texts.get(i), labels);
        assertThat(together.get(i).labels()).isEqualTo(alone.labels());
        assertThat(together.get(i).scores().get(0)).isEqualTo(alone.scores().get(0), within(1e-5f));
      }
    }
  }

  private CrossEncoder open(JsonNode reference) throws IOException {
    String name = reference.path("checkpoint").asText();
    if (name.equals("demo-nli")) {
      return TestModels.open(name);
    }
    Path checkpoint = ParityCheckpoint.named(name).copyTo(folder.resolve("checkpoint"));
    Path file = checkpoint.resolve("config.json");
    ObjectNode config = (ObjectNode) JsonFiles.MAPPER.readTree(Files.readAllBytes(file));
    ObjectNode id2label = config.putObject("id2label");
    List<String> labels = strings(reference.path("labels"));
    for (int i = 0; i < labels.size(); i++) {
      id2label.put(String.valueOf(i), labels.get(i));
    }
    Files.writeString(file, config.toPrettyString());
    Path bundle = folder.resolve("bundle");
    BundleBuilder.fromCheckpoint(checkpoint).build(bundle);
    return CrossEncoder.open(bundle);
  }

  private static ClassifyOptions options(JsonNode recordedCase) {
    ClassifyOptions options =
        ClassifyOptions.DEFAULT.withTemplate(recordedCase.path("template").asText());
    return recordedCase.path("multi_label").booleanValue() ? options.withMultiLabel() : options;
  }

  private static JsonNode reference(String checkpoint) throws IOException {
    for (JsonNode reference : recorded().path("references")) {
      if (reference.path("checkpoint").asText().equals(checkpoint)) {
        return reference;
      }
    }
    throw new IllegalArgumentException("Cannot find the checkpoint " + checkpoint);
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream in = ZeroShotTest.class.getResourceAsStream("zero-shot.json")) {
      return JsonFiles.MAPPER.readTree(in);
    }
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.asText()));
    return strings;
  }
}
