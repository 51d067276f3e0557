package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * The classifier on a sequence's first token: a linear layer, an activation, a linear layer. The
 * same as in the TorchScript programs, by the names of the object's attributes.
 *
 * @param dense what the first layer's attributes start with
 * @param activation what follows it, or the attribute that names it
 * @param output what the second layer's attributes start with
 */
public record OnnxHead(String dense, String activation, String output) {
  /** {@code [n, hidden]} to logits {@code [n, labels]}. */
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
