package dev.crossencoder.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a {@link ScriptModule} as a graph for ONNX Runtime, with neither Python nor a library of
 * ONNX: {@code model.onnx} has the graph, {@code model.onnx_data} the weights. The same module
 * gives the same bytes.
 */
final class OnnxCompiler {
  /** The file of the weights. */
  static final String DATA = "model.onnx_data";

  private OnnxCompiler() {}

  /**
   * Writes both files into a folder.
   *
   * @param precision {@link Precision#FP32} or {@link Precision#INT8}
   */
  static void write(OnnxWriter writer, ScriptModule module, Precision precision, Path folder)
      throws IOException {
    try (OnnxData data = OnnxData.create(folder.resolve(DATA))) {
      OnnxGraph graph = OnnxGraph.model(data);
      writer.write(graph, module, precision);
      Files.write(folder.resolve(Engine.ONNXRUNTIME.modelFile()), graph.toModel());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
