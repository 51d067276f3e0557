package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The user's activation goes before whatever a checkpoint says; without one it has to be known. */
class SavedActivationTest {
  private static final TextPair PAIR = new TextPair("who wrote it?", "the book was by a");
  private static final String KEY = "activation_fn";

  @TempDir private Path folder;
  private ModelRepository repository;
  private TinyCheckpoint tiny;

  @BeforeEach
  void createACheckpoint() {
    repository = new ModelRepository(folder.resolve("cache"));
    tiny = TinyCheckpoint.create();
  }

  @ParameterizedTest
  @CsvSource({
    "torch.nn.Tanh, TANH",
    "torch.nn.modules.Tanh, TANH",
    "torch.nn.modules.activation.Tanh, TANH",
    "torch.nn.modules.activation.LeakyReLU, LEAKY_RELU",
    "torch.nn.modules.activation.ReLU6, RELU6",
    "torch.nn.modules.linear.Identity, IDENTITY"
  })
  void aClassOfTorchIsKnownInEveryModuleThatHasIt(String className, Activation expected) {
    assertThat(ModelActivation.ofClass(className)).isEqualTo(ModelActivation.of(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mine.Sigmoid",
        "Sigmoid",
        "",
        "torch.nn.modules.activation.RReLU",
        "torch.nn.modules.activation.GLU",
        "torch.nn.functional.sigmoid",
        "torch.distributions.Softmax",
        "torch.nn.modules.linear.Linear",
        "torch.nn."
      })
  void anotherClassIsKnownByItsNameAlone(String className) {
    assertThat(ModelActivation.ofClass(className)).isEqualTo(ModelActivation.unknown(className));
  }

  @Test
  void aSavedActivationTurnsTheLogitIntoTheScore() throws IOException {
    save("\"torch.nn.modules.activation.Tanh\"");

    Score score = score(CrossEncoderOptions.DEFAULT);

    assertThat(score.score())
        .isCloseTo((float) Math.tanh(score.logits().get(0)), within(1e-7f))
        .isNotEqualTo(score.logits().get(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"torch.nn.modules.activation.Tanh\"",
        "\"mine.Squash\"",
        "\"torch.nn.RReLU\"",
        "7",
        "\"torch.nn.Softmax\""
      })
  void theUsersActivationWinsOverWhateverIsSaved(String saved) throws IOException {
    save(saved);

    for (Activation chosen : new Activation[] {Activation.IDENTITY, Activation.SIGMOID}) {
      Score score = score(CrossEncoderOptions.DEFAULT.withActivation(chosen));
      float logit = score.logits().get(0);
      assertThat(score.score()).isEqualTo(chosen.apply(new float[] {logit})[0]);

      BundleManifest built =
          BundleBuilder.fromCheckpoint(checkpoint())
              .activation(chosen)
              .build(folder.resolve(chosen.key()))
              .manifest();
      assertThat(built.activation()).isEqualTo(ModelActivation.of(chosen));
    }
  }

  @ParameterizedTest
  @CsvSource({"'\"mine.Squash\"', mine.Squash", "'\"torch.nn.RReLU\"', torch.nn.RReLU", "7, 7"})
  void anUnknownOneWithoutAChoiceIsRefusedWithTheOption(String saved, String name)
      throws IOException {
    save(saved);

    assertRefused(
        "Cannot score with %s, it names the activation %s, which is not known here and is never loaded. Choose what turns its logits into scores, %s: --activation, in Flink cross-encoder.activation, in Java withActivation."
            .formatted("tiny", name, Activation.keys()));
  }

  @ParameterizedTest
  @CsvSource({"Softmax, softmax, 1", "Softmin, softmin, 1", "LogSoftmax, log-softmax, 0"})
  void oneLabelComparedWithItselfIsRefusedWithWhatToChoose(
      String className, String key, String constant) throws IOException {
    save("\"torch.nn.modules.activation." + className + "\"");

    assertRefused(
        "Cannot score with %s, %s over its one label is %s for every pair. Choose another activation, sigmoid for scores from 0 to 1 or identity for the logit: --activation, in Flink cross-encoder.activation, in Java withActivation."
            .formatted("tiny", key, constant));
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"SOFTMAX", "SOFTMIN", "LOG_SOFTMAX"})
  void oneLabelComparedWithItselfIsRefusedWhereItIsChosen(Activation chosen) throws IOException {
    save("null");
    Bundle bundle = repository.resolve(checkpoint().toString());
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT.withActivation(chosen);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle, options))
        .withMessage(ModelActivation.constant("tiny", chosen));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () ->
                BundleBuilder.fromCheckpoint(checkpoint())
                    .activation(chosen)
                    .build(folder.resolve("bundle")))
        .withMessage(ModelActivation.constant("tiny", chosen));
  }

  /** As sentence-transformers, which looks for the older key only where the newer one is absent. */
  @Test
  void aNewerKeyThatSaysNothingHidesTheOlderOne() throws IOException {
    tiny.config.put("sbert_ce_default_activation_function", "torch.nn.Tanh");
    save("null");

    assertThat(repository.resolve(checkpoint().toString()).manifest().activation())
        .isEqualTo(ModelActivation.of(Activation.SIGMOID));
  }

  @Test
  void whatTheFilesOfSentenceTransformersNameIsTreatedAlike() throws IOException {
    save("null");
    Files.writeString(
        checkpoint().resolve("modules.json"),
        "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]");
    Files.writeString(
        checkpoint().resolve("config_sentence_transformers.json"),
        "{\"model_type\":\"CrossEncoder\",\"activation_fn\":\"mine.Squash\"}");

    assertThat(repository.resolve(checkpoint().toString()).manifest().activation())
        .isEqualTo(ModelActivation.unknown("mine.Squash"));
    assertThat(score(CrossEncoderOptions.DEFAULT.withActivation(Activation.RELU)).score())
        .isNotNegative();
  }

  private void assertRefused(String message) throws IOException {
    Bundle cached = repository.resolve(checkpoint().toString());
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(cached, CrossEncoderOptions.DEFAULT))
        .withMessage(message);
    Path bundle = folder.resolve("bundle");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> BundleBuilder.fromCheckpoint(checkpoint()).build(bundle))
        .withMessage(message);
    assertThat(bundle).doesNotExist();
  }

  private Score score(CrossEncoderOptions options) throws IOException {
    Bundle bundle = repository.resolve(checkpoint().toString());
    try (CrossEncoder model = CrossEncoder.open(bundle, options)) {
      return model.score(PAIR);
    }
  }

  private void save(String activation) throws IOException {
    JsonNode value = JsonFiles.MAPPER.readTree(activation);
    tiny.config.putObject("sentence_transformers").set(KEY, value);
    tiny.writeTo(checkpoint());
  }

  private Path checkpoint() {
    return folder.resolve("tiny");
  }
}
