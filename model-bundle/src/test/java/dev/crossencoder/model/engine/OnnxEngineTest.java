package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.compiler.onnx.OnnxData;
import dev.crossencoder.model.compiler.onnx.OnnxGraph;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxType;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the engine promises beyond logits. */
@Timeout(120)
class OnnxEngineTest {
  private static final PackedBatch BATCH =
      new PackedBatch(new long[] {2, 7, 3}, new long[3], new long[] {0, 1, 2}, new long[] {0, 3});

  @TempDir private Path folder;

  private Bundle build(Precision precision) throws IOException {
    Path checkpoint = TinyCheckpoint.create().writeTo(folder.resolve("checkpoint-" + precision));
    return BundleBuilder.fromCheckpoint(checkpoint)
        .engine(Engine.ONNXRUNTIME)
        .precision(precision)
        .build(folder.resolve("bundle-" + precision));
  }

  private static OnnxEngine load(Path model) {
    return OnnxEngine.load(model, InputForm.PACKED, 0, Device.CPU, 2);
  }

  @Test
  void anotherDeviceThanTheCpuIsRefused() throws IOException {
    Bundle bundle = build(Precision.FP32);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(
            () ->
                CrossEncoder.open(
                    bundle, CrossEncoderOptions.DEFAULT.withDevice(new Device("gpu0"))))
        .withMessage(
            "Cannot load %s, its engine onnxruntime scores on a CPU only and the device is gpu0. Build the bundle for pytorch, or score on a CPU.",
            bundle.program());
  }

  @Test
  void aFileThatIsNoGraphIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("model.onnx"), "no model");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> load(file))
        .withMessageStartingWith("Cannot load %s: ".formatted(file))
        .withMessageContaining("Protobuf parsing failed");
  }

  @Test
  void aBatchThatNeedsTooMuchMemoryIsToldFromOtherFailures() throws IOException {
    Path file = folder.resolve("model.onnx");
    try (OnnxData data = OnnxData.create(folder.resolve("model.onnx_data"))) {
      OnnxGraph graph = OnnxGraph.model(data);
      graph.input("input_ids", OnnxType.INT64, "tokens");
      // The tokens are made a shape, of 2 * 2^44 * 1 floats here.
      String large = graph.node("ConstantOfShape", List.of("input_ids"), Attributes.NONE);
      graph.output(graph.named(graph.node("Neg", large), "logits"), OnnxType.FLOAT, "a", "b", "c");
      Files.write(file, graph.toModel());
    }
    PackedBatch batch =
        new PackedBatch(new long[] {2, 1L << 44, 1}, new long[3], new long[3], new long[] {0, 3});

    try (OnnxEngine engine = load(file)) {
      assertThatExceptionOfType(DeviceOutOfMemoryException.class)
          .isThrownBy(() -> engine.forward(batch, 1))
          .withMessage(
              "Cannot score 1 pairs with 3 tokens in one batch, the device is out of memory");
    }
  }

  @Test
  void anIdWithoutARowIsAFailureThatSaysWhatWasScored() throws IOException {
    try (OnnxEngine engine = load(build(Precision.FP32).program())) {
      PackedBatch batch =
          new PackedBatch(
              new long[] {2, 1 << 20, 3}, new long[3], new long[] {0, 1, 2}, new long[] {0, 3});

      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> engine.forward(batch, 1))
          .withMessageStartingWith("Cannot score 1 pairs with 3 tokens: ");
    }
  }

  @Test
  void severalThreadsScoreAtOnceAndGetWhatOneGets() throws Exception {
    for (Precision precision : List.of(Precision.FP32, Precision.INT8)) {
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try (OnnxEngine engine = load(build(precision).program())) {
        float expected = engine.forward(BATCH, 1)[0][0];
        List<Callable<Float>> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          tasks.add(() -> engine.forward(BATCH, 1)[0][0]);
        }
        for (Future<Float> result : threads.invokeAll(tasks)) {
          assertThat(result.get()).isEqualTo(expected);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @Test
  void modelsWithDifferentNumbersOfThreadsScoreAlike() throws IOException {
    Path program = build(Precision.INT8).program();
    try (OnnxEngine one = OnnxEngine.load(program, InputForm.PACKED, 0, Device.CPU, 1);
        OnnxEngine three = OnnxEngine.load(program, InputForm.PACKED, 0, Device.CPU, 3)) {
      assertThat(one.forward(BATCH, 1)[0]).containsExactly(three.forward(BATCH, 1)[0]);
    }
  }

  @Test
  void closingOneModelLeavesTheOthersAlone() throws IOException {
    Path program = build(Precision.FP32).program();
    try (OnnxEngine stays = load(program)) {
      OnnxEngine closed = load(program);
      float expected = closed.forward(BATCH, 1)[0][0];
      closed.close();

      assertThat(stays.forward(BATCH, 1)[0][0]).isEqualTo(expected);
    }
  }
}
