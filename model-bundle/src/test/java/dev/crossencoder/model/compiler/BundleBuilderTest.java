package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.compiler.tensor.TensorType;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleBuilderTest {
  private static final List<TextPair> PAIRS =
      List.of(
          new TextPair("who wrote it?", "the book was by a, b."),
          new TextPair("", "it was"),
          new TextPair("a b c d e f g", "wrote the book, was it by the who?"));

  @TempDir private Path folder;

  @Test
  void aCheckpointBecomesABundleThatScores() throws IOException {
    Bundle bundle = build(TinyCheckpoint.create());

    bundle.verify();
    assertThat(logits(bundle)).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void theManifestSaysWhatTheCheckpointSays() throws IOException {
    Bundle bundle = build(TinyCheckpoint.create());

    BundleManifest manifest = bundle.manifest();
    assertThat(manifest.name()).isEqualTo("checkpoint");
    assertThat(manifest.source()).isEqualTo("checkpoint");
    assertThat(manifest.architecture()).isEqualTo("bert");
    assertThat(manifest.labels()).containsExactly("LABEL_0");
    assertThat(manifest.maxLength()).isEqualTo(TinyCheckpoint.POSITIONS);
    assertThat(manifest.positionOffset()).isZero();
    assertThat(manifest.dtype()).isEqualTo("float32");
    assertThat(manifest.engine()).isEqualTo("pytorch");
    assertThat(manifest.files().keySet()).containsExactlyInAnyOrder("model.pt", "tokenizer.json");
  }

  @Test
  void theBundleFolderHoldsTheManifestAndItsMembersOnly() throws IOException {
    Bundle bundle = build(TinyCheckpoint.create());

    assertThat(names(bundle.folder()))
        .containsExactlyInAnyOrder("bundle.json", "model.pt", "tokenizer.json");
    assertThat(names(folder)).containsExactlyInAnyOrder("checkpoint", "bundle");
  }

  /** Who may read the folder around it may read a bundle: another user runs it than built it. */
  @Test
  void aBundleIsAsReadableAsAnyFolderBesideIt() throws IOException {
    Path plain = Files.createDirectory(folder.resolve("plain"));

    Bundle bundle = build(TinyCheckpoint.create());

    assertThat(Files.getPosixFilePermissions(bundle.folder()))
        .isEqualTo(Files.getPosixFilePermissions(plain));
  }

  @Test
  void theSameCheckpointGivesTheSameBytes() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));

    Bundle once = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("once"));
    Bundle again = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("again"));

    assertThat(again.digest()).isEqualTo(once.digest());
    for (String name : names(once.folder())) {
      assertThat(again.folder().resolve(name)).hasSameBinaryContentAs(once.folder().resolve(name));
    }
  }

  @Test
  void theRevisionChangesWithEveryFileOfTheCheckpoint() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    List<String> files = names(checkpoint);
    String original = BundleBuilder.revision(checkpoint);

    for (String file : files) {
      byte[] content = Files.readAllBytes(checkpoint.resolve(file));
      Files.write(checkpoint.resolve(file), new byte[] {' '});
      assertThat(BundleBuilder.revision(checkpoint)).as(file).isNotEqualTo(original);
      Files.write(checkpoint.resolve(file), content);
    }
    assertThat(BundleBuilder.revision(checkpoint)).isEqualTo(original).startsWith("sha256:");
  }

  @Test
  void nameSourceActivationAndLengthMayBeGiven() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));

    BundleManifest manifest =
        BundleBuilder.fromCheckpoint(checkpoint)
            .name("my-model")
            .source("somewhere")
            .activation(Activation.IDENTITY)
            .maxLength(17)
            .build(folder.resolve("bundle"))
            .manifest();

    assertThat(manifest.name()).isEqualTo("my-model");
    assertThat(manifest.source()).isEqualTo("somewhere");
    assertThat(manifest.activation().known()).contains(Activation.IDENTITY);
    assertThat(manifest.maxLength()).isEqualTo(17);
  }

  @Test
  void missingFoldersAboveTheBundleAreCreated() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));

    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("a/b/bundle"));

    bundle.verify();
  }

  @Test
  void theLabelsAreInTheOrderOfTheLogits() throws IOException {
    Bundle bundle = build(TinyCheckpoint.withLabels("no", "yes", "maybe"));

    assertThat(bundle.manifest().labels()).containsExactly("no", "yes", "maybe");
  }

  @Test
  void labelsMayBeNumbersAndJsonMayBePythons() throws IOException {
    Path checkpoint = TinyCheckpoint.withLabels("no", "yes").writeTo(folder.resolve("checkpoint"));
    Path file = checkpoint.resolve("config.json");
    String config = Files.readString(file).strip();
    Files.writeString(
        file,
        config.substring(0, config.length() - 1)
            + ",\"id2label\": {\"0\": 0, \"1\": 1}, \"x\": NaN}");

    BundleManifest manifest =
        BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle")).manifest();

    assertThat(manifest.labels()).containsExactly("0", "1");
  }

  @Test
  void labelsMayBeNamedAnew() throws IOException {
    Path checkpoint =
        TinyCheckpoint.withLabels("LABEL_0", "LABEL_1").writeTo(folder.resolve("checkpoint"));

    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint)
            .labels(List.of("no", "yes"))
            .build(folder.resolve("bundle"));

    assertThat(bundle.manifest().labels()).containsExactly("no", "yes");
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      assertThat(model.score(new TextPair("who", "a")).scores()).containsOnlyKeys("no", "yes");
    }
  }

  @Test
  void withoutNamesTheLabelsAreNumberedAsTransformersNumbersThem() throws IOException {
    TinyCheckpoint checkpoint = TinyCheckpoint.withLabels("a", "b", "c");
    checkpoint.config.remove("id2label");
    checkpoint.config.put("num_labels", 3);

    assertThat(build(checkpoint).manifest().labels())
        .containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // labels, activation_fn, sbert_ce_default_activation_function, expected
        "1, -, -, SIGMOID",
        "3, -, -, IDENTITY",
        "1, torch.nn.modules.linear.Identity, -, IDENTITY",
        "1, torch.nn.modules.activation.Sigmoid, torch.nn.modules.linear.Identity, SIGMOID",
        "3, torch.nn.modules.activation.Softmax, -, SOFTMAX",
        "1, -, torch.nn.modules.linear.Identity, IDENTITY",
        "3, -, torch.nn.modules.activation.Sigmoid, SIGMOID"
      })
  void theActivationIsTheOneThatSentenceTransformersWouldUse(
      int labels, String current, String former, Activation expected) throws IOException {
    TinyCheckpoint checkpoint =
        labels == 1 ? TinyCheckpoint.create() : TinyCheckpoint.withLabels("a", "b", "c");
    if (current != null) {
      checkpoint.config.putObject("sentence_transformers").put("activation_fn", current);
    }
    if (former != null) {
      checkpoint.config.put("sbert_ce_default_activation_function", former);
    }

    assertThat(build(checkpoint).manifest().activation().known()).contains(expected);
  }

  /** Marks a checkpoint as saved by sentence-transformers 5, which then reads its own files. */
  private static void writeFilesOfSentenceTransformers(
      Path checkpoint, String activation, String transformer) throws IOException {
    Files.writeString(
        checkpoint.resolve("modules.json"),
        "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]");
    Files.writeString(
        checkpoint.resolve("config_sentence_transformers.json"),
        "{\"model_type\":\"CrossEncoder\",\"default_prompt_name\":null,\"activation_fn\":%s}"
            .formatted(activation));
    Files.writeString(checkpoint.resolve("sentence_bert_config.json"), transformer);
  }

  /** Where sentence-transformers 5 writes them, before config.json and the tokenizer. */
  @Test
  void activationAndLengthMayBeInFilesOfSentenceTransformers() throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.create();
    tiny.config.putObject("sentence_transformers").put("activation_fn", "torch.nn.Sigmoid");
    tiny.tokenizerConfig.put("model_max_length", 40);
    Path checkpoint = tiny.writeTo(folder.resolve("checkpoint"));
    String before = BundleBuilder.revision(checkpoint);
    writeFilesOfSentenceTransformers(
        checkpoint, "\"torch.nn.modules.linear.Identity\"", "{\"max_seq_length\":24}");

    BundleManifest manifest =
        BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle")).manifest();

    assertThat(manifest.activation().known()).contains(Activation.IDENTITY);
    assertThat(manifest.maxLength()).isEqualTo(24);
    assertThat(BundleBuilder.revision(checkpoint)).isNotEqualTo(before);
  }

  @Test
  void filesOfSentenceTransformersThatSayNothingChangeNothing() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    writeFilesOfSentenceTransformers(checkpoint, "null", "{\"max_seq_length\":null}");

    BundleManifest manifest =
        BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle")).manifest();

    assertThat(manifest.activation().known()).contains(Activation.SIGMOID);
    assertThat(manifest.maxLength()).isEqualTo(TinyCheckpoint.POSITIONS);
  }

  @Test
  void aLengthOfSentenceTransformersIsBoundedByTheModelsPositions() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    writeFilesOfSentenceTransformers(checkpoint, "null", "{\"max_seq_length\":512}");

    assertThat(
            BundleBuilder.fromCheckpoint(checkpoint)
                .build(folder.resolve("bundle"))
                .manifest()
                .maxLength())
        .isEqualTo(TinyCheckpoint.POSITIONS);
  }

  /**
   * As sentence-transformers does, which then makes a cross-encoder of transformers' files alone.
   */
  @ParameterizedTest
  @ValueSource(strings = {"modules.json", "config_sentence_transformers.json"})
  void filesOfSentenceTransformersThatAreNotThoseOfACrossEncoderAreNotRead(String missing)
      throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    writeFilesOfSentenceTransformers(
        checkpoint, "\"torch.nn.modules.linear.Identity\"", "{\"max_seq_length\":24}");
    Files.delete(checkpoint.resolve(missing));

    BundleManifest manifest =
        BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle")).manifest();

    assertThat(manifest.activation().known()).contains(Activation.SIGMOID);
    assertThat(manifest.maxLength()).isEqualTo(TinyCheckpoint.POSITIONS);
  }

  @ParameterizedTest
  @CsvSource({"20, 20", "64, 64", "512, 64", "1000000000000000019884624838656, 64"})
  void theLengthIsTheTokenizersWithinTheModelsPositions(String declared, int expected)
      throws IOException {
    TinyCheckpoint checkpoint = TinyCheckpoint.create();
    checkpoint.tokenizerConfig.set("model_max_length", JsonFiles.MAPPER.readTree(declared));

    assertThat(build(checkpoint).manifest().maxLength()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"F64", "F16", "BF16"})
  void weightsOfTheSameValuesGiveTheSameLogitsWhateverTheirType(TensorType type)
      throws IOException {
    Path full = TinyCheckpoint.ofType(TensorType.F32).writeTo(folder.resolve("F32"));
    Path half = TinyCheckpoint.ofType(type).writeTo(folder.resolve(type.name()));

    Bundle expected = BundleBuilder.fromCheckpoint(full).build(folder.resolve("expected"));
    Bundle actual = BundleBuilder.fromCheckpoint(half).build(folder.resolve("actual"));

    assertThat(actual.folder().resolve("model.pt"))
        .hasSameBinaryContentAs(expected.folder().resolve("model.pt"));
    assertThat(logits(actual)).isEqualTo(logits(expected));
  }

  @Test
  void aTokenizerJsonIsTakenAsItIs() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    ObjectNode tokenizer = wordPiece(checkpoint);
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toPrettyString());
    Files.delete(checkpoint.resolve("vocab.txt"));

    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));

    JsonNode written = JsonFiles.readObject(bundle.folder().resolve("tokenizer.json"));
    assertThat(written).isEqualTo(tokenizer);
  }

  @Test
  void aTokenizerJsonWinsOverTheVocabulary() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    ObjectNode tokenizer = wordPiece(checkpoint);
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());
    Files.writeString(checkpoint.resolve("vocab.txt"), "not read\n");

    Bundle bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));

    assertThat(JsonFiles.readObject(bundle.folder().resolve("tokenizer.json")))
        .isEqualTo(tokenizer);
  }

  @Test
  void bertProcessingGivesTheScoresOfTheTemplateThatItStandsFor() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Bundle template = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("template"));
    ObjectNode tokenizer = wordPiece(checkpoint);
    ObjectNode processor = tokenizer.putObject("post_processor").put("type", "BertProcessing");
    processor.putArray("sep").add("[SEP]").add(3);
    processor.putArray("cls").add("[CLS]").add(2);
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());

    Bundle bert = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bert"));

    assertThat(logits(bert)).isEqualTo(logits(template));
  }

  @Test
  void whatATokenizerJsonSaysOfTruncationAndPaddingDoesNotCount() throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    Bundle plain = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("plain"));
    ObjectNode tokenizer = wordPiece(checkpoint);
    tokenizer
        .putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 4)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    tokenizer
        .putObject("padding")
        .put("direction", "Right")
        .put("pad_to_multiple_of", 32)
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", "[PAD]")
        .putObject("strategy")
        .put("Fixed", 64);
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());

    Bundle padding = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("padding"));

    assertThat(logits(padding)).isEqualTo(logits(plain));
  }

  @Test
  void theSecondTextHasTheEmbeddingOfItsOwnSegment() throws IOException {
    TinyCheckpoint changed = TinyCheckpoint.create();
    byte[] rows = changed.tensors.get("bert.embeddings.token_type_embeddings.weight").bytes();
    Arrays.fill(rows, rows.length / 2, rows.length, (byte) 0);
    Path other = changed.writeTo(folder.resolve("changed"));

    Bundle expected = build(TinyCheckpoint.create());
    Bundle actual = BundleBuilder.fromCheckpoint(other).build(folder.resolve("actual"));

    float difference = logits(actual).get(0) - logits(expected).get(0);
    assertThat(Math.abs(difference)).isGreaterThan(1e-2f);
  }

  private Bundle build(TinyCheckpoint checkpoint) throws IOException {
    return BundleBuilder.fromCheckpoint(checkpoint.writeTo(folder.resolve("checkpoint")))
        .build(folder.resolve("bundle"));
  }

  private static ObjectNode wordPiece(Path checkpoint) {
    return (ObjectNode)
        CheckpointTokenizer.read(
                checkpoint, JsonFiles.readObject(checkpoint.resolve("config.json")))
            .json(2);
  }

  private static List<Float> logits(Bundle bundle) {
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      return model.score(PAIRS).stream().map(score -> score.logits().get(0)).toList();
    }
  }

  private static List<String> names(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }
}
