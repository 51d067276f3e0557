package dev.crossencoder.bundle;

import dev.crossencoder.bundle.OnnxGraph.Attributes;
import dev.crossencoder.bundle.OnnxLinear.Range;
import java.util.List;

/** The layers of a network that every part of it is made of, as nodes of a graph. */
final class OnnxParts {
  private final OnnxGraph graph;

  OnnxParts(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Declares the inputs of a packed batch; returns the offsets. */
  static String packedInputs(OnnxGraph graph) {
    for (String input :
        List.of(OnnxWriter.INPUT_IDS, OnnxWriter.TOKEN_TYPE_IDS, OnnxWriter.POSITION_IDS)) {
      graph.input(input, OnnxType.INT64, "tokens");
    }
    return graph.input(OnnxWriter.OFFSETS, OnnxType.INT64, "pairs_and_one");
  }

  /** A linear layer with its bias. */
  String linear(OnnxLinear linear, String values, String name, TensorData weight, TensorData bias) {
    return biased(linear.input(values, Range.ANY).times(name + "_weight", weight), name, bias);
  }

  /** Adds a bias to a product. */
  String biased(String product, String name, TensorData bias) {
    return graph.node("Add", product, graph.weights(name + "_bias", bias));
  }

  /**
   * Adds up to three values and normalises the sum: {@code values + others + bias}.
   *
   * @param bias the name of weights, or {@link OnnxGraph#NONE}
   */
  String sumNorm(
      String values,
      String others,
      String bias,
      String name,
      TensorData weight,
      TensorData shift,
      double eps) {
    return graph.contrib(
        "SkipLayerNormalization",
        List.of(
            values,
            others,
            graph.weights(name + "_weight", weight),
            graph.weights(name + "_shift", shift),
            bias),
        Attributes.of("epsilon", eps));
  }

  /** A sum, and what it is when it is normalised. */
  record Sum(String value, String normed) {}

  /** Adds two values and normalises the sum, which is kept. */
  Sum sumAndNorm(
      String values,
      String others,
      String bias,
      String name,
      TensorData weight,
      TensorData shift,
      double eps) {
    List<String> outputs =
        graph.contribs(
            "SkipLayerNormalization",
            List.of(
                values,
                others,
                graph.weights(name + "_weight", weight),
                graph.weights(name + "_shift", shift),
                bias),
            Attributes.of("epsilon", eps),
            4);
    return new Sum(outputs.get(3), outputs.get(0));
  }

  /** Normalises. */
  String norm(String values, String name, TensorData weight, TensorData shift, double eps) {
    return graph.node(
        "LayerNormalization",
        List.of(
            values, graph.weights(name + "_weight", weight), graph.weights(name + "_shift", shift)),
        Attributes.of("axis", -1).and("epsilon", eps));
  }

  /** The activation functions of {@code functions.py}, by the same names. */
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

  /** Rows of a table: {@code [rows, width]} and {@code [T]} to {@code [T, width]}. */
  String rows(String name, TensorData table, String ids) {
    return graph.node("Gather", graph.weights(name, table), ids);
  }
}
