package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Range;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;

/** Writes the basic layers of a network as nodes of a graph. */
final class OnnxParts {
  private final OnnxGraph graph;

  OnnxParts(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Declares the inputs of a packed batch. Returns the name of the offsets. */
  static String packedInputs(OnnxGraph graph) {
    for (String input :
        List.of(OnnxTensors.INPUT_IDS, OnnxTensors.TOKEN_TYPE_IDS, OnnxTensors.POSITION_IDS)) {
      graph.input(input, OnnxType.INT64, "tokens");
    }
    return graph.input(OnnxTensors.OFFSETS, OnnxType.INT64, "pairs_and_one");
  }

  /** A linear layer with a bias. */
  String linear(OnnxLinear linear, String values, String name, TensorData weight, TensorData bias) {
    return linear.input(values, Range.ANY).linear(name, weight, bias);
  }

  /** A sum, and the sum after a layer norm. */
  record Sum(String value, String normed) {}

  /** Computes {@code values + others} and its layer norm. */
  Sum sumAndNorm(
      String values, String others, String name, TensorData weight, TensorData shift, double eps) {
    String sum = graph.node("Add", values, others);
    return new Sum(sum, norm(sum, name, weight, shift, eps));
  }

  /**
   * Layer norm over the last dimension: {@code (x - mean) / sqrt(variance + eps) * weight + shift}.
   *
   * <p>The graph has elementary nodes instead of {@code LayerNormalization}, because ONNX Runtime
   * computes that operator's sums without SIMD on a CPU, which takes longer than all these nodes.
   * The {@code Reciprocal} prevents its optimizer from fusing the nodes into {@code
   * LayerNormalization}.
   */
  String norm(String values, String name, TensorData weight, TensorData shift, double eps) {
    String last = graph.integers(-1);
    String mean = graph.node("ReduceMean", values, last);
    String centred = graph.node("Sub", values, mean);
    String variance = graph.node("ReduceMean", graph.node("Mul", centred, centred), last);
    String deviation = graph.node("Sqrt", graph.node("Add", variance, graph.real(eps)));
    String scaled = graph.node("Mul", centred, graph.node("Reciprocal", deviation));
    String weighted = graph.node("Mul", scaled, graph.weights(name + "_weight", weight));
    return graph.node("Add", weighted, graph.weights(name + "_shift", shift));
  }

  /** The activation functions of {@code functions.py}, with the same names. */
  String activation(String name, String values) {
    return switch (name) {
      case "gelu" -> graph.node("Gelu", values);
      case "gelu_new", "gelu_pytorch_tanh" ->
          graph.node("Gelu", List.of(values), Attributes.of("approximate", "tanh"));
      case "relu" -> graph.node("Relu", values);
      case "silu" -> graph.contrib("QuickGelu", List.of(values), Attributes.of("alpha", 1.0));
      default -> graph.node("Tanh", values);
    };
  }

  /** Embedding lookup: a table {@code [rows, width]} and ids {@code [T]} to {@code [T, width]}. */
  String rows(String name, TensorData table, String ids) {
    return graph.node("Gather", graph.weights(name, table), ids);
  }
}
