package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * The classification head: a linear layer, an activation function and a linear layer, applied to
 * one token of each sequence. It reads the same attributes as the TorchScript programs.
 *
 * @param dense the prefix of the attributes of the first layer
 * @param activation the name of the activation function, or of the attribute that contains it
 * @param output the prefix of the attributes of the second layer
 */
public record OnnxHead(String dense, String activation, String output) {
  /** Computes logits: {@code [n, hidden]} to {@code [n, labels]}. */
  String write(OnnxGraph graph, OnnxParts parts, ProgramModule model, String first) {
    String hidden = linear(graph, parts, model, dense, first);
    String function = model.has(activation) ? model.string(activation) : activation;
    return linear(graph, parts, model, output, parts.activation(function, hidden));
  }

  private static String linear(
      OnnxGraph graph, OnnxParts parts, ProgramModule model, String name, String values) {
    return parts.linear(
        OnnxLinear.floats(graph),
        values,
        name,
        model.tensor(name + "_weight"),
        model.tensor(name + "_bias"));
  }
}
