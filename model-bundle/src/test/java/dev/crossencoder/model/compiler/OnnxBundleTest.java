package dev.crossencoder.model.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.compiler.onnx.OnnxCompiler;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.ParityCheckpoint;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What bundles for ONNX Runtime are made of, and what is refused. */
class OnnxBundleTest {
  private static final int LONG = 400;

  @TempDir private Path folder;
  private Path checkpoint;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint"));
  }

  private BundleBuilder builder() {
    return BundleBuilder.fromCheckpoint(checkpoint);
  }

  @Test
  void eightBitsImplyOnnxRuntime() throws IOException {
    Bundle bundle = builder().precision(Precision.INT8).build(folder.resolve("bundle"));

    BundleManifest manifest = bundle.manifest();
    assertThat(manifest.engine()).isEqualTo("onnxruntime");
    assertThat(manifest.inputs()).isEqualTo(InputForm.PACKED);
    assertThat(manifest.dtype()).isEqualTo("int8");
    assertThat(manifest.files().keySet())
        .containsExactlyInAnyOrder("model.onnx", "model.onnx_data", "tokenizer.json");
    assertThat(Files.readString(folder.resolve("bundle").resolve("bundle.json")))
        .contains("\"inputs\" : \"packed\"");
    bundle.verify();
  }

  @Test
  void theManifestOfABundleForTheFirstEngineIsAsItWas() throws IOException {
    builder().build(folder.resolve("bundle"));

    assertThat(Files.readString(folder.resolve("bundle").resolve("bundle.json")))
        .contains("\"engine\" : \"pytorch\"")
        .doesNotContain("inputs");
  }

  @ParameterizedTest
  @CsvSource({"FP32", "INT8"})
  void theSameCheckpointGivesTheSameBytes(Precision precision) throws IOException {
    Bundle one =
        builder().engine(Engine.ONNXRUNTIME).precision(precision).build(folder.resolve("one"));
    Bundle two =
        builder().engine(Engine.ONNXRUNTIME).precision(precision).build(folder.resolve("two"));

    assertThat(one.digest()).isEqualTo(two.digest());
    assertThat(one.program()).hasSameBinaryContentAs(two.program());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 4, 1", "3, 1, 1", "3, 2, 1", "3, 3, 3", "3, 4, 3"})
  void aForwardPassUsesOneThreadOrThoseThatTheModelWasLoadedWith(
      int loadedWith, int available, int used) throws IOException {
    Bundle bundle = builder().precision(Precision.INT8).build(folder.resolve("bundle"));

    try (CrossEncoder model =
        CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT.withThreads(loadedWith))) {
      assertThat(model.passThreads(available)).isEqualTo(used);
    }
  }

  @Test
  void aForwardPassOfTheFirstEngineUsesAllThreadsThatItMay() throws IOException {
    Bundle bundle = builder().build(folder.resolve("bundle"));

    try (CrossEncoder model =
        CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT.withThreads(1))) {
      assertThat(model.passThreads(4)).isEqualTo(4);
    }
  }

  @Test
  void bothEnginesScoreAlike() throws IOException {
    TextPair pair = new TextPair("who wrote it?", "the book was by it.");
    try (CrossEncoder libtorch =
            CrossEncoder.open(builder().build(folder.resolve("one")), CrossEncoderOptions.DEFAULT);
        CrossEncoder onnxRuntime =
            CrossEncoder.open(
                builder().engine(Engine.ONNXRUNTIME).build(folder.resolve("two")),
                CrossEncoderOptions.DEFAULT)) {
      float expected = libtorch.score(pair).logits().get(0);

      assertThat(onnxRuntime.score(pair).logits().get(0)).isCloseTo(expected, within(1e-4f));
    }
  }

  /** The only layer is the last one, which is in float32. */
  @Test
  void aModelOfOneLayerScoresAlikeInAllEnginesAndPrecisions() throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.create();
    tiny.config.put("num_hidden_layers", 1);
    tiny.tensors.keySet().removeIf(name -> name.contains(".layer.1."));
    Path source = tiny.writeTo(folder.resolve("one-layer"));
    List<TextPair> pairs =
        List.of(new TextPair("who wrote it?", "the book was by it."), new TextPair("it", "it"));
    try (CrossEncoder libtorch = open(source, Engine.PYTORCH, Precision.FP32);
        CrossEncoder onnxRuntime = open(source, Engine.ONNXRUNTIME, Precision.FP32);
        CrossEncoder eightBits = open(source, Engine.ONNXRUNTIME, Precision.INT8)) {
      List<Score> expected = libtorch.score(pairs);
      assertThat(expected.get(0).logits()).isNotEqualTo(expected.get(1).logits());
      for (CrossEncoder other : List.of(onnxRuntime, eightBits)) {
        List<Score> scores = other.score(pairs);
        for (int i = 0; i < pairs.size(); i++) {
          assertThat(scores.get(i).logits().get(0))
              .isCloseTo(expected.get(i).logits().get(0), within(1e-4f));
        }
      }
    }
  }

  private CrossEncoder open(Path source, Engine engine, Precision precision) throws IOException {
    return CrossEncoder.open(
        BundleBuilder.fromCheckpoint(source)
            .engine(engine)
            .precision(precision)
            .build(folder.resolve("one-layer-%s-%s".formatted(engine, precision))),
        CrossEncoderOptions.DEFAULT);
  }

  /** Local attention goes in chunks of queries, and the other texts here are shorter than one. */
  @Test
  void aLongTextOfSeveralChunksScoresAlikeToo() throws IOException {
    Path source = ParityCheckpoint.named("modernbert").copyTo(folder.resolve("modernbert"));
    setLength(source.resolve("config.json"), "max_position_embeddings");
    setLength(source.resolve("tokenizer_config.json"), "model_max_length");
    List<TextPair> pairs =
        List.of(
            new TextPair("who wrote it?", "the book was by it. ".repeat(60)),
            new TextPair("who wrote it?", "the book was by it. ".repeat(200)));
    try (CrossEncoder libtorch =
            CrossEncoder.open(
                BundleBuilder.fromCheckpoint(source).build(folder.resolve("one")),
                CrossEncoderOptions.DEFAULT);
        CrossEncoder onnxRuntime =
            CrossEncoder.open(
                BundleBuilder.fromCheckpoint(source)
                    .engine(Engine.ONNXRUNTIME)
                    .build(folder.resolve("two")),
                CrossEncoderOptions.DEFAULT)) {
      assertThat(onnxRuntime.encode(pairs.get(1)).length()).isEqualTo(LONG);
      for (TextPair pair : pairs) {
        List<Float> expected = libtorch.score(pair).logits();
        List<Float> actual = onnxRuntime.score(pair).logits();
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-4f));
        }
      }
    }
  }

  private static void setLength(Path file, String key) throws IOException {
    ObjectNode root = (ObjectNode) JsonFiles.MAPPER.readTree(file.toFile());
    Files.writeString(file, root.put(key, LONG).toString());
  }

  @Test
  void weightsOfEightBitsTakeLessRoom() throws IOException {
    long full =
        Files.size(
            builder()
                .engine(Engine.ONNXRUNTIME)
                .build(folder.resolve("full"))
                .folder()
                .resolve(OnnxCompiler.DATA));
    long small =
        Files.size(
            builder()
                .precision(Precision.INT8)
                .build(folder.resolve("small"))
                .folder()
                .resolve(OnnxCompiler.DATA));

    // The tables and the last of two layers, with its keys and values, stay as they are.
    assertThat(small).isLessThan(full * 4 / 5);
  }

  @ParameterizedTest
  @CsvSource({
    "PYTORCH, INT8, 'Invalid precision: int8. The engine pytorch computes with fp32, fp16, bf16.'",
    "ONNXRUNTIME, FP16, 'Invalid precision: fp16. The engine onnxruntime computes with fp32, int8.'",
    "ONNXRUNTIME, BF16, 'Invalid precision: bf16. The engine onnxruntime computes with fp32, int8.'"
  })
  void aPrecisionThatTheEngineDoesNotHaveIsRefused(
      Engine engine, Precision precision, String message) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> builder().engine(engine).precision(precision).build(folder.resolve("bundle")))
        .withMessage(message);
  }

  @Test
  void anUnknownEngineIsRefusedWithTheKnownOnes() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Engine.parse("tensorflow"))
        .withMessage("Invalid engine: tensorflow. It must be one of pytorch, onnxruntime.");
    assertThat(Engine.parse("onnxruntime")).isEqualTo(Engine.ONNXRUNTIME);
  }

  @Test
  void aFormOfInputsThatIsNotKnownIsRefused() throws IOException {
    Path bundle = builder().precision(Precision.INT8).build(folder.resolve("bundle")).folder();
    Path manifest = bundle.resolve("bundle.json");
    ObjectNode root = (ObjectNode) JsonFiles.MAPPER.readTree(manifest.toFile());
    Files.writeString(manifest, root.put("inputs", "stacked").toString());

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle))
        .withMessage(
            "Invalid inputs in %s: \"stacked\". It must be one of packed, padded.", manifest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.onnx", "model.onnx_data"})
  void aChangedFileIsRefused(String name) throws IOException {
    Bundle bundle = builder().precision(Precision.INT8).build(folder.resolve("bundle"));
    Path file = bundle.folder().resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT))
        .withMessageStartingWith(
            "Cannot use bundle %s, %s has SHA-256 ".formatted(bundle.folder(), name));
  }

  @Test
  void aManifestThatDoesNotListTheProgramIsRefused() throws IOException {
    Path bundle = builder().precision(Precision.INT8).build(folder.resolve("bundle")).folder();
    Path manifest = bundle.resolve("bundle.json");
    ObjectNode root = (ObjectNode) JsonFiles.MAPPER.readTree(manifest.toFile());
    ((ObjectNode) root.path("sha256")).remove(List.of("model.onnx"));
    Files.writeString(manifest, root.toString());

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> Bundle.read(bundle).verify())
        .withMessage("Cannot use bundle %s, its manifest does not list model.onnx.", bundle);
  }
}
