package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.architecture.Architecture;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration does not say is what transformers' class of it assumes. */
class ClassDefaultsTest {
  private static final TextPair FIRST = new TextPair("the cat", "a dog and the cat");
  private static final TextPair SECOND = new TextPair("a", "b");

  @TempDir private Path folder;
  private int builds;

  /**
   * A key that is absent and one with the class's value lead to the same program, or to the same
   * complaint that the weights are of another size.
   */
  @ParameterizedTest
  @CsvSource({
    "bert, bert, BertForSequenceClassification",
    "roberta, roberta, RobertaForSequenceClassification",
    "roberta, xlm-roberta, XLMRobertaForSequenceClassification",
    "roberta, camembert, CamembertForSequenceClassification",
    "electra, electra, ElectraForSequenceClassification",
    "distilbert, distilbert, DistilBertForSequenceClassification",
    "deberta, deberta, DebertaForSequenceClassification",
    "deberta-v3, deberta-v2, DebertaV2ForSequenceClassification",
    "modernbert, modernbert, ModernBertForSequenceClassification",
    "bart, bart, BartForSequenceClassification"
  })
  void anAbsentKeyIsTheDefaultOfTheClass(String checkpoint, String type, String headClass)
      throws IOException {
    JsonNode defaults = recorded().path(type);
    assertThat(defaults.size()).isGreaterThan(6);
    for (Map.Entry<String, JsonNode> entry : defaults.properties()) {
      String key = entry.getKey();

      String said = outcome(checkpoint, type, headClass, key, entry.getValue());
      String silent = outcome(checkpoint, type, headClass, key, null);

      assertThat(silent).as(key).isEqualTo(said);
    }
  }

  @Test
  void theSizesOfEveryArchitectureAreThoseOfItsClass() throws IOException {
    JsonNode recorded = recorded();
    for (Architecture architecture : Architectures.ALL) {
      architecture
          .defaults()
          .forEach(
              (key, value) ->
                  assertThat(recorded.path(architecture.name()).path(key).asInt())
                      .as("%s of %s", key, architecture.name())
                      .isEqualTo(value));
    }
  }

  /** As in transformers, where the class knows its own names by others too. */
  @Test
  void theUsualNamesOfSizesAreKnownToDistilBert() throws IOException {
    Path checkpoint = ParityCheckpoint.named("distilbert").copyTo(folder.resolve("checkpoint"));
    Path file = checkpoint.resolve("config.json");
    ObjectNode config = (ObjectNode) JsonFiles.readObject(file);
    Bundle expected = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("expected"));
    config.set("hidden_size", config.remove("dim"));
    config.set("num_attention_heads", config.remove("n_heads"));
    config.set("num_hidden_layers", config.get("n_layers"));
    config.put("n_layers", 5);
    Files.writeString(file, config.toString());

    Bundle actual = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("actual"));

    assertThat(actual.folder().resolve("model.pt"))
        .hasSameBinaryContentAs(expected.folder().resolve("model.pt"));
  }

  /** The scores are those of sentence-transformers 5.7 for the same folder. */
  @Test
  void whatWasNotSavedAsAClassifierHasOneLabel() throws IOException {
    Path checkpoint =
        Path.of("src/test/resources/dev/crossencoder/model/compiler").resolve("no-architectures");

    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));

    assertThat(bundle.manifest().labels()).containsExactly("LABEL_0");
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      List<Score> scores = model.score(List.of(FIRST, SECOND));
      assertThat(scores.get(0).score()).isCloseTo(0.8308817f, within(1e-6f));
      assertThat(scores.get(1).score()).isCloseTo(0.04773366f, within(1e-6f));
    }
  }

  @Test
  void aClassifierThatDoesNotSayItsLabelsHasTwo() throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.withLabels("a", "b");
    tiny.config.remove("id2label");
    Path checkpoint = tiny.writeTo(folder.resolve("checkpoint"));

    assertThat(
            BundleBuilder.fromCheckpoint(checkpoint)
                .build(folder.resolve("bundle"))
                .manifest()
                .labels())
        .containsExactly("LABEL_0", "LABEL_1");
  }

  private String outcome(String name, String type, String headClass, String key, JsonNode value)
      throws IOException {
    builds++;
    Path checkpoint = folder.resolve(String.valueOf(builds));
    ParityCheckpoint.named(name).copyTo(checkpoint);
    Path file = checkpoint.resolve("config.json");
    ObjectNode config = (ObjectNode) JsonFiles.readObject(file);
    config.put("model_type", type).putArray("architectures").add(headClass);
    config.remove(key);
    if (value != null) {
      config.set(key, value);
    }
    Files.writeString(file, config.toString());
    try {
      Bundle bundle =
          BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle-" + builds));
      return Digests.ofFile(bundle.folder().resolve("model.pt"))
          + " from position "
          + bundle.manifest().positionOffset()
          + ", length "
          + bundle.manifest().maxLength();
    } catch (InvalidModelException e) {
      return e.getMessage().replace(checkpoint.toString(), "checkpoint");
    }
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream in = ClassDefaultsTest.class.getResourceAsStream("class-defaults.json")) {
      return JsonFiles.MAPPER.readTree(in).path("defaults");
    }
  }
}
