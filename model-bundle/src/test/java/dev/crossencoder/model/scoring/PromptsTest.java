package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Prompts;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.tokenizer.Truncation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prompts stand before the first text, as in sentence-transformers. The expected scores are those
 * that {@code CrossEncoder.predict} and {@code rank} of sentence-transformers 5.7.0 (transformers
 * 4.57.6) and 6.2.0 (transformers 5.24.0) give, equally to eight digits, for the same folder with
 * {@code dtype=torch.float32}; those of truncation with {@code processing_kwargs={"text":
 * {"truncation": …}}}.
 */
class PromptsTest {
  private static final String LONG = "the cat and a dog ".repeat(20);
  private static final List<TextPair> PAIRS =
      List.of(
          new TextPair("the cat", "a dog and the cat"),
          new TextPair("a", "b"),
          new TextPair("", "the dog"),
          new TextPair(LONG, "a dog"),
          new TextPair("the cat", LONG),
          new TextPair(LONG, LONG));
  private static final String PROMPTS =
      "\"prompts\": {\"query\": \"the dog \", \"web\": \"a b: \", \"none\": null}";
  private static final CrossEncoderOptions DEFAULT = CrossEncoderOptions.DEFAULT;

  @TempDir private Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    Path source = Path.of("src/test/resources/dev/crossencoder/model/compiler/no-architectures");
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, checkpoint.resolve(file.getFileName()));
      }
    }
    Files.writeString(
        checkpoint.resolve("modules.json"),
        "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]");
    Files.writeString(
        checkpoint.resolve("sentence_bert_config.json"),
        "{\"transformer_task\": \"sequence-classification\", \"max_seq_length\": 48}");
    prompts(PROMPTS + ", \"default_prompt_name\": \"query\"");
  }

  private void prompts(String members) throws IOException {
    Files.writeString(
        checkpoint.resolve("config_sentence_transformers.json"),
        "{\"model_type\": \"CrossEncoder\", %s}".formatted(members));
  }

  private Bundle build(String name) throws IOException {
    return BundleBuilder.fromCheckpoint(checkpoint).revision("r").build(folder.resolve(name));
  }

  @Test
  void theDefaultPromptStandsBeforeTheFirstText() throws IOException {
    assertScores(DEFAULT, 0.02521046, 0.31369144, 0.24671355, 0.1138699, 0.56270534, 0.15723877);
  }

  @Test
  void aPromptIsChosenByItsName() throws IOException {
    assertScores(
        DEFAULT.withPromptName("web"),
        0.03251088,
        0.43634903,
        0.65858346,
        0.09087721,
        0.24714254,
        0.11064139);
  }

  @Test
  void aPromptOfTheUsersGoesBeforeTheDefault() throws IOException {
    assertScores(
        DEFAULT.withPrompt("b and a "),
        0.09128626,
        0.05251274,
        0.76989597,
        0.08079664,
        0.23502989,
        0.26826862);
  }

  @Test
  void theEmptyPromptTurnsTheDefaultOff() throws IOException {
    double[] without = {0.83088136, 0.04773354, 0.0041427, 0.09939043, 0.02299755, 0.07344992};

    assertScores(DEFAULT.withPrompt(""), without);
    assertScores(DEFAULT.withPromptName("none"), without);
    prompts(PROMPTS);
    assertScores(DEFAULT, without);
  }

  @Test
  void rankingHasTheSamePrompts() throws IOException {
    Bundle bundle = build("bundle");
    try (CrossEncoder model = CrossEncoder.open(bundle, DEFAULT.withPromptName("web"))) {
      List<RankedPassage> ranked =
          model.rank("the cat", List.of("a dog and the cat", "b", "the cat"), 3);

      assertThat(ranked).extracting(RankedPassage::corpusId).containsExactly(2, 1, 0);
      assertThat(ranked.get(0).score().score()).isCloseTo(0.1830905f, within(1e-6f));
      assertThat(ranked.get(2).score().score()).isCloseTo(0.0325109f, within(1e-6f));
    }
  }

  @Test
  void thePromptIsAPartOfTheTextThatIsCut() throws IOException {
    try (CrossEncoder model =
            CrossEncoder.open(build("second"), DEFAULT.withTruncation(Truncation.ONLY_SECOND));
        CrossEncoder other =
            CrossEncoder.open(build("first"), DEFAULT.withTruncation(Truncation.ONLY_FIRST))) {
      assertThat(model.score(new TextPair("the cat", LONG)).score())
          .isCloseTo(0.5627053f, within(1e-6f));
      assertThat(other.score(new TextPair(LONG, "a dog")).score())
          .isCloseTo(0.11386993f, within(1e-6f));
      assertThat(model.score(new TextPair("the cat", "a")).score())
          .isEqualTo(other.score(new TextPair("the cat", "a")).score())
          .isCloseTo(0.01934295f, within(1e-6f));
      assertThatExceptionOfType(PairTooLongException.class)
          .isThrownBy(() -> model.score(List.of(PAIRS.get(0), new TextPair(LONG, "a"))));
    }
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() throws IOException {
    Bundle bundle = build("bundle");

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle, DEFAULT.withPromptName("other")))
        .withMessage(
            "Invalid prompt name: other. The model checkpoint has the prompts query, web, none. Name one of its prompts, or give the prompt itself.");
  }

  @Test
  void aNameForAModelWithoutPromptsIsRefused() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> CrossEncoder.open(TestModels.bundle("demo-qa"), DEFAULT.withPromptName("query")))
        .withMessage(
            "Invalid prompt name: query. The model demo-qa has no prompts. Name one of its prompts, or give the prompt itself.");
  }

  @Test
  void theManifestCarriesPromptsInTheirOrder() throws IOException {
    Bundle bundle = build("bundle");

    Prompts prompts = Bundle.read(bundle.folder()).manifest().prompts();
    assertThat(prompts.texts())
        .containsExactly(
            Map.entry("query", "the dog "), Map.entry("web", "a b: "), Map.entry("none", ""));
    assertThat(prompts.defaultName()).isEqualTo(Optional.of("query"));
    assertThat(formatVersion(bundle)).isEqualTo(2);
  }

  /** Digests are pinned in configurations. */
  @Test
  void aModelWithoutPromptsKeepsItsDigest() throws IOException {
    prompts("\"prompts\": {}, \"default_prompt_name\": null");
    Bundle none = build("none");
    prompts("\"activation_fn\": null");
    Bundle silent = build("silent");
    prompts("\"prompts\": {\"query\": \"\", \"document\": null}");
    Bundle empty = build("empty");

    assertThat(none.digest()).isEqualTo(silent.digest()).isEqualTo(empty.digest());
    assertThat(none.manifest().prompts()).isEqualTo(Prompts.NONE);
    assertThat(formatVersion(none)).isEqualTo(1);
  }

  @Test
  void aPromptAndANameAreNotGivenTogether() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () ->
                new CrossEncoderOptions(
                    DEFAULT.activation(),
                    DEFAULT.maxLength(),
                    DEFAULT.truncation(),
                    Optional.of("a "),
                    Optional.of("query"),
                    DEFAULT.device(),
                    DEFAULT.threads(),
                    DEFAULT.limits(),
                    DEFAULT.slowPrecision(),
                    DEFAULT.chunking(),
                    DEFAULT.evidence(),
                    DEFAULT.calibrated()))
        .withMessage("Invalid prompt name: query. Give a prompt or the name of one, not both.");
  }

  private static int formatVersion(Bundle bundle) throws IOException {
    Path manifest = bundle.folder().resolve(BundleManifest.FILE);
    return JsonFiles.MAPPER.readTree(manifest.toFile()).path("format_version").asInt();
  }

  private void assertScores(CrossEncoderOptions options, double... expected) throws IOException {
    Path bundle = folder.resolve("bundle");
    Folders.deleteIfExists(bundle);
    try (CrossEncoder model = CrossEncoder.open(build("bundle"), options)) {
      List<Score> scores = model.score(PAIRS);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) scores.get(i).score())
            .as(PAIRS.get(i).text())
            .isCloseTo(expected[i], within(1e-6));
      }
    }
  }
}
