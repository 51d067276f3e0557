package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.PaddedProgram;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint's ONNX file becomes a bundle as it is, or is refused in words. */
class OnnxModelFileTest {
  private static final String NAME = "onnx/model.onnx";
  private static final String[] SHAPE = {"batch", "sequence"};

  @TempDir private Path folder;
  private Path checkpoint;
  private Path file;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
    file = checkpoint.resolve(NAME);
  }

  private Bundle build() throws IOException {
    return BundleBuilder.fromCheckpoint(checkpoint)
        .onnxFile(NAME)
        .activation(Activation.IDENTITY)
        .build(folder.resolve("bundle"));
  }

  private void assertRefused(String message, Object... arguments) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessage(message, arguments);
  }

  @Test
  void aPaddedProgramScoresEachPairAsIfItWereAlone() throws IOException {
    PaddedProgram.writeTo(file);
    List<TextPair> pairs =
        List.of(
            new TextPair("who wrote it?", "the book was by it."),
            new TextPair("", ""),
            new TextPair("it", "the book was by it. the book was by it."));

    Bundle bundle = build();

    assertThat(bundle.manifest().engine()).isEqualTo("onnxruntime");
    assertThat(bundle.manifest().inputs()).isEqualTo(InputForm.PADDED);
    assertThat(bundle.manifest().files().keySet())
        .containsExactlyInAnyOrder("model.onnx", PaddedProgram.DATA, "tokenizer.json");
    try (CrossEncoder model = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT)) {
      List<EncodedPair> encoded = pairs.stream().map(model::encode).toList();
      List<Score> scores = model.scoreBatch(encoded);
      for (int i = 0; i < pairs.size(); i++) {
        int expected = 0;
        for (int j = 0; j < encoded.get(i).length(); j++) {
          expected += encoded.get(i).inputIds()[j] + 2 * encoded.get(i).tokenTypeIds()[j];
        }
        assertThat(scores.get(i).score()).isEqualTo(expected);
        assertThat(model.score(pairs.get(i)).score()).isEqualTo(expected);
      }
    }
  }

  @Test
  void theWeightsOfTheCheckpointAreNotNeeded() throws IOException {
    PaddedProgram.writeTo(file);
    Files.delete(checkpoint.resolve("model.safetensors"));

    assertThat(build().manifest().revision()).startsWith("sha256:");
  }

  @Test
  void anotherFileIsAnotherRevision() throws IOException {
    PaddedProgram.writeTo(file);
    String revision = build().manifest().revision();
    Files.write(file.resolveSibling(PaddedProgram.DATA), new byte[] {0, 0, 0, 64});
    Folders.deleteIfExists(folder.resolve("bundle"));

    assertThat(build().manifest().revision()).isNotEqualTo(revision);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertRefused("Cannot use the ONNX file %s, there is no such file.", file);
  }

  @Test
  void aFileOfWeightsThatIsNotThereIsNamed() throws IOException {
    PaddedProgram.writeTo(file);
    Path data = file.resolveSibling(PaddedProgram.DATA);
    Files.delete(data);

    assertRefused("Cannot use %s, it lacks the file %s of its weights.", file, data);
  }

  @Test
  void anEmptyFileIsNoModel() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[0]);

    assertRefused("Cannot use %s, it is not an ONNX model: it has no graph with outputs.", file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"model_type\": \"bert\"}", "version https://git-lfs.github.com/spec/v1"})
  void textIsNoModel(String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(this::build)
        .withMessageStartingWith("Cannot read %s, the field at offset ".formatted(file));
  }

  /** Whatever a byte becomes: a bundle that opens, one that does not in words, or a refusal. */
  @Test
  void aDamagedFileNeverTakesTheProcessDown() throws IOException {
    byte[] good = Files.readAllBytes(PaddedProgram.writeTo(file));
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = good.clone();
      damaged[random.nextInt(good.length)] = (byte) random.nextInt(256);
      Files.write(file, i % 3 == 0 ? Arrays.copyOf(damaged, i * good.length / 300) : damaged);
      try (CrossEncoder model = CrossEncoder.open(build(), CrossEncoderOptions.DEFAULT)) {
        model.score(new TextPair("who wrote it?", "the book"));
      } catch (InvalidModelException | IllegalStateException e) {
        assertThat(e.getMessage()).startsWith("Cannot ");
      }
      Folders.deleteIfExists(folder.resolve("bundle"));
    }
  }

  @Test
  void weightsElsewhereAreRefused() throws IOException {
    PaddedProgram.writeTo(file);
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    Files.writeString(
        file, text.replace("weights.bin", "../evil.bin"), StandardCharsets.ISO_8859_1);

    assertRefused(
        "Cannot use %s, it has weights in the file \"../evil.bin\". Such a file's name must be plain, without a path.",
        file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"input_ids", "attention_mask"})
  void aMissingInputIsNamed(String missing) throws IOException {
    List<String> inputs = List.of("input_ids", "attention_mask", "token_type_ids");
    PaddedProgram.writeTo(
        file, SHAPE, inputs.stream().filter(input -> !input.equals(missing)).toList(), "logits");

    assertRefused(refusal("it has no input " + missing));
  }

  @Test
  void segmentsThatTheProgramIgnoresAreRefused() throws IOException {
    PaddedProgram.writeTo(file, SHAPE, List.of("input_ids", "attention_mask"), "logits");

    assertRefused(
        refusal("it has no input token_type_ids, but config.json says type_vocab_size 2"));
  }

  @Test
  void anUnknownInputIsRefused() throws IOException {
    PaddedProgram.writeTo(
        file, SHAPE, List.of("input_ids", "attention_mask", "token_type_ids", "bbox"), "logits");

    assertRefused(refusal("it has the input bbox, which is not known"));
  }

  @Test
  void aProgramForOneSizeIsRefused() throws IOException {
    PaddedProgram.writeTo(
        file,
        new String[] {"batch", "sequence", "more"},
        List.of("input_ids", "attention_mask", "token_type_ids"),
        "logits");

    assertRefused(
        refusal(
            "its input input_ids has the shape [batch, sequence, more], it must be [batch, sequence] of any size"));
  }

  @Test
  void anotherOutputIsRefused() throws IOException {
    PaddedProgram.writeTo(
        file, SHAPE, List.of("input_ids", "attention_mask", "token_type_ids"), "last_hidden_state");

    assertRefused(refusal("it has the outputs [last_hidden_state] and no logits"));
  }

  private String refusal(String reason) {
    return "Cannot use %s as a cross-encoder, %s. It must take input_ids, attention_mask and, where there are segments, token_type_ids, and give logits."
        .formatted(file, reason);
  }

  @Test
  void aPrecisionOrAnotherEngineCannotBeAskedForToo() {
    BundleBuilder builder = BundleBuilder.fromCheckpoint(checkpoint).onnxFile(NAME);

    for (BundleBuilder wrong :
        List.of(
            BundleBuilder.fromCheckpoint(checkpoint).onnxFile(NAME).precision(Precision.INT8),
            builder.engine(Engine.PYTORCH))) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> wrong.build(folder.resolve("bundle")))
          .withMessage(
              "Invalid ONNX file: onnx/model.onnx. It runs on onnxruntime with the precision that it has: give neither another engine nor a precision.");
    }
  }
}
