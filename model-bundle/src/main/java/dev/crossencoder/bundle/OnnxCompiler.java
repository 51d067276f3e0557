package dev.crossencoder.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

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
  static void write(OnnxHead head, ScriptModule module, Precision precision, Path folder)
      throws IOException {
    try (OnnxData data = OnnxData.create(folder.resolve(DATA))) {
      OnnxGraph graph = OnnxGraph.model(data);
      OnnxProgram.write(graph, module, head, precision);
      Files.write(folder.resolve(Engine.ONNXRUNTIME.modelFile()), graph.toModel());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Returns the head of an architecture.
   *
   * @throws InvalidModelException if no graph can be written for it
   */
  static OnnxHead head(Architecture architecture) {
    return architecture
        .onnxHead()
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "Cannot compile model_type %s for onnxruntime. Known there: %s. Use the engine pytorch with fp32."
                        .formatted(architecture.name(), known())));
  }

  private static String known() {
    List<Architecture> known =
        Architectures.ALL.stream().filter(a -> a.onnxHead().isPresent()).toList();
    return known.stream().map(Architecture::name).collect(Collectors.joining(", "));
  }
}
