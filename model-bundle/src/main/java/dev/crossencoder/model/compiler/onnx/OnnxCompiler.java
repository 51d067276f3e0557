package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.program.ProgramModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a {@link ProgramModule} as an ONNX model, with neither Python nor an ONNX library: {@code
 * model.onnx} contains the graph, {@code model.onnx_data} the weights. Equal modules give equal
 * bytes.
 */
public final class OnnxCompiler {
  /** The name of the file with the weights. */
  public static final String DATA = "model.onnx_data";

  private OnnxCompiler() {}

  /**
   * Writes both files into a folder.
   *
   * @param precision {@link Precision#FP32} or {@link Precision#INT8}
   */
  public static void write(
      OnnxProgram writer, ProgramModule module, Precision precision, Path folder)
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
