package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Input;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Range;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;

/**
 * Writes the layers of {@code layers.py} as nodes of a graph, from the same module. Values are
 * {@code [T, hidden]}, or {@code [n, hidden]} for one token of each sequence.
 */
final class OnnxLayers {
  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final ProgramModule layers;
  private final String prefix;
  private final OnnxLinear floatLinear;
  private final OnnxLinear packedLinear;

  /**
   * @param prefix the prefix of the names of weights in the graph
   * @param floatLinear the linear layers for one token of each sequence
   * @param packedLinear the linear layers for all tokens
   */
  OnnxLayers(
      OnnxGraph graph,
      ProgramModule layers,
      String prefix,
      OnnxLinear floatLinear,
      OnnxLinear packedLinear) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.layers = layers;
    this.prefix = prefix;
    this.floatLinear = floatLinear;
    this.packedLinear = packedLinear;
  }

  int count() {
    return layers.integer("num_layers");
  }

  int heads() {
    return layers.integer("num_heads");
  }

  int headSize() {
    return layers.tensors("qkv_bias").get(0).shape().get(0) / 3 / heads();
  }

  /** A whole layer, for all tokens. */
  String layer(int layer, String values, OnnxAttention attention) {
    return finish(packedLinear, layer, values, attended(layer, values, attention));
  }

  /** The whole last layer, for one token of each sequence. */
  String lastLayer(String values, String chosen, OnnxAttention attention) {
    return finish(floatLinear, count() - 1, chosen, attendedByOne(values, chosen, attention));
  }

  /**
   * The whole last layer, for one token of each sequence, without keys and values: as {@code
   * input_attention} in {@code functions.py}, which explains the formula.
   *
   * @param scale the factor of the attention scores
   */
  String lastLayer(String values, String chosen, OnnxLoop loop, double scale) {
    int last = count() - 1;
    String queries = part(last, 0, floatLinear.input(chosen, Range.ANY));
    String probes = product(byHead(queries), headWeights(last, 1, "key"), 0, scale);
    String rows = graph.node("Reshape", swapped(probes), graph.integers(0, -1));
    String means =
        loop.forEachSequence(
            s -> {
              OnnxGraph body = s.body();
              String tokens = s.tokens(values);
              String probe = body.node("Reshape", s.row(rows), body.integers(heads(), -1));
              String scores = product(body, probe, tokens, 1, 1);
              String mean = body.node("MatMul", body.node("Softmax", scores), tokens);
              return body.node("Reshape", mean, body.integers(1, -1));
            });
    String mixed = product(byHead(means), headWeights(last, 2, "value"), 1, 1);
    String attended =
        graph.node(
            "Add",
            graph.node("Reshape", swapped(mixed), graph.integers(0, -1)),
            graph.weights(
                name(last) + "value_bias", third(layers.tensors("qkv_bias").get(last), 2)));
    return finish(floatLinear, last, chosen, attended);
  }

  /** Splits heads: {@code [n, heads * width]} to {@code [heads, n, width]}. */
  private String byHead(String rows) {
    return swapped(graph.node("Reshape", rows, graph.integers(0, heads(), -1)));
  }

  private String swapped(String values) {
    return graph.node("Transpose", List.of(values), Attributes.of("perm", 1, 0, 2));
  }

  private String product(String left, String right, int transposed, double factor) {
    return product(graph, left, right, transposed, factor);
  }

  /** The product of {@code left} and {@code right}, or its transpose, times a factor. */
  private static String product(
      OnnxGraph graph, String left, String right, int transposed, double factor) {
    return graph.contrib(
        "FusedMatMul",
        List.of(left, right),
        Attributes.of("transB", transposed).and("alpha", factor));
  }

  /** The weights of keys (1) or values (2) by head, {@code [heads, head_size, hidden]}. */
  private String headWeights(int layer, int index, String what) {
    TensorData weights = third(layers.tensors("qkv_weight").get(layer), index);
    int hidden = weights.shape().get(1);
    return graph.weights(
        name(layer) + what + "_weight",
        TensorData.of(
            ConstantFolding.values(weights), heads(), weights.shape().get(0) / heads(), hidden));
  }

  /** Attention of all tokens. */
  String attended(int layer, String values, OnnxAttention attention) {
    Input input = packedLinear.input(values, Range.ANY);
    return attention.all(
        layer, part(layer, 0, input), part(layer, 1, input), part(layer, 2, input));
  }

  /** Attention of one token of each sequence, {@code chosen}, in the last layer. */
  String attendedByOne(String values, String chosen, OnnxAttention attention) {
    int last = count() - 1;
    Input input = packedLinear.input(values, Range.ANY);
    return attention.one(
        last,
        part(last, 0, floatLinear.input(chosen, Range.ANY)),
        part(last, 1, input),
        part(last, 2, input));
  }

  /** The queries (0), keys (1) or values (2) of a layer. */
  private String part(int layer, int index, Input input) {
    return input.linear(
        name(layer) + List.of("query", "key", "value").get(index),
        third(layers.tensors("qkv_weight").get(layer), index),
        third(layers.tensors("qkv_bias").get(layer), index));
  }

  private static TensorData third(TensorData whole, int index) {
    int rows = whole.shape().get(0) / 3;
    return TensorData.rows(whole, index * rows, rows);
  }

  private String finish(OnnxLinear linear, int layer, String values, String attended) {
    return feedForward(linear, layer, afterAttention(linear, layer, values, attended));
  }

  /** The output layer of attention, with the residual sum and its layer norm. */
  String afterAttention(OnnxLinear linear, int layer, String values, String attended) {
    Input input = linear.input(attended, Range.ANY);
    return sumNorm(linear(input, layer, "attention_output"), values, layer, "attention_norm");
  }

  /** The feed-forward block of a layer, with the residual sum and its layer norm. */
  String feedForward(OnnxLinear linear, int layer, String values) {
    String activation = layers.string("hidden_act");
    String intermediate =
        parts.activation(
            activation, linear(linear.input(values, Range.ANY), layer, "intermediate"));
    Input input = linear.input(intermediate, Range.of(activation));
    return sumNorm(linear(input, layer, "output"), values, layer, "output_norm");
  }

  private String linear(Input input, int layer, String linear) {
    return input.linear(
        name(layer) + linear, tensor(linear + "_weight", layer), tensor(linear + "_bias", layer));
  }

  private String sumNorm(String output, String values, int layer, String norm) {
    return parts
        .sumAndNorm(
            output,
            values,
            name(layer) + norm,
            tensor(norm + "_weight", layer),
            tensor(norm + "_bias", layer),
            layers.real("layer_norm_eps"))
        .normed();
  }

  private String name(int layer) {
    return prefix + "layer_" + layer + "_";
  }

  private TensorData tensor(String name, int layer) {
    return layers.tensors(name).get(layer);
  }
}
