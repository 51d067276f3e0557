package dev.crossencoder.model.testing;

import dev.crossencoder.model.compiler.onnx.OnnxData;
import dev.crossencoder.model.compiler.onnx.OnnxGraph;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxType;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An ONNX file that takes a padded batch, as exporters write them, but with a program that a test
 * can follow: a pair's logit is the sum of its tokens' ids and of twice their segments.
 */
public final class PaddedProgram {
  public static final String DATA = "weights.bin";

  private PaddedProgram() {}

  /** Writes the file, and one with the weights beside it. */
  public static Path writeTo(Path file) throws IOException {
    return writeTo(
        file,
        new String[] {"batch", "sequence"},
        List.of("input_ids", "attention_mask", "token_type_ids"),
        "logits");
  }

  /** Writes a file that has other inputs, or an output of another name. */
  public static Path writeTo(Path file, String[] shape, List<String> inputs, String output)
      throws IOException {
    Files.createDirectories(file.getParent());
    try (OnnxData data = OnnxData.create(file.resolveSibling(DATA))) {
      OnnxGraph graph = OnnxGraph.model(data);
      inputs.forEach(input -> graph.input(input, OnnxType.INT64, shape));
      String sum = inputs.contains("input_ids") ? "input_ids" : inputs.get(0);
      if (inputs.contains("token_type_ids")) {
        String twice = graph.node("Mul", "token_type_ids", graph.integer(2));
        sum = graph.node("Add", sum, twice);
      }
      if (inputs.contains("attention_mask")) {
        sum = graph.node("Mul", sum, "attention_mask");
      }
      String total = graph.node("ReduceSum", sum, graph.integers(1));
      String real =
          graph.node("Cast", List.of(total), Attributes.of("to", OnnxType.FLOAT.number()));
      String scaled =
          graph.node("Mul", real, graph.weights("one", TensorData.of(new float[] {1}, 1)));
      graph.output(graph.named(scaled, output), OnnxType.FLOAT, "batch", "labels");
      return Files.write(file, graph.toModel());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
