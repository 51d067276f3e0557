package dev.crossencoder.bundle;

import dev.crossencoder.bundle.OnnxGraph.Attributes;
import dev.crossencoder.bundle.OnnxLinear.Input;
import dev.crossencoder.bundle.OnnxLinear.Range;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The program of BERT and its kin, and of DeBERTa, over a packed batch, as an ONNX graph: what
 * {@code embeddings.py}, {@code layers.py} and the programs that use them compute, from the same
 * object.
 *
 * <p>As there, linear layers, norms and activations see real tokens only, and the last layer
 * computes queries and all that follows attention for n first tokens. Those few are multiplied in
 * float32 whatever the precision of the rest: it costs nothing, and the logits come from them.
 */
final class OnnxProgram {
  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final OnnxLoop loop;
  private final OnnxAttention attention;
  private final OnnxLinear exact;
  private final OnnxLinear many;
  private final ScriptModule model;
  private final ScriptModule layers;
  private final double eps;

  private OnnxProgram(OnnxGraph graph, ScriptModule model, Precision precision) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.model = model;
    this.layers = model.module("layers");
    this.eps = layers.real("layer_norm_eps");
    this.loop = new OnnxLoop(graph, OnnxParts.packedInputs(graph));
    this.attention = attention();
    this.exact = OnnxLinear.floats(graph);
    this.many = precision == Precision.INT8 ? new Int8Linear(graph, OnnxWriter.INPUT_IDS) : exact;
  }

  /** Writes a model into a graph. */
  static void write(OnnxGraph graph, ScriptModule model, OnnxHead head, Precision precision) {
    OnnxProgram program = new OnnxProgram(graph, model, precision);
    String first = program.layers(program.embed());
    String logits = head.write(graph, program.parts, model, first);
    graph.output(graph.named(logits, OnnxWriter.LOGITS), OnnxType.FLOAT, "pairs", "labels");
  }

  private OnnxAttention attention() {
    int heads = layers.integer("num_heads");
    if (Stream.of("position_keys", "position_queries").anyMatch(this::hasTensors)) {
      return new OnnxDisentangledAttention(graph, loop, model, heads);
    }
    return OnnxAttention.plain(
        loop,
        heads,
        model.has("scale") ? OptionalDouble.of(model.real("scale")) : OptionalDouble.empty());
  }

  private boolean hasTensors(String name) {
    return model.has(name) && !model.tensors(name).isEmpty();
  }

  /** {@code [T]} to {@code [T, hidden]}. */
  private String embed() {
    ScriptModule embeddings = model.module("embeddings");
    String values = parts.rows("words", embeddings.tensor("words"), OnnxWriter.INPUT_IDS);
    for (TensorData table : embeddings.tensors("token_types")) {
      values =
          graph.node("Add", values, parts.rows("token_types", table, OnnxWriter.TOKEN_TYPE_IDS));
    }
    values = normalise(embeddings, values);
    if (hasTensors("projection_weight")) {
      return parts.linear(
          exact,
          values,
          "projection",
          model.tensors("projection_weight").get(0),
          model.tensors("projection_bias").get(0));
    }
    return values;
  }

  /** Adds positions, projects and normalises, as far as the model does. */
  private String normalise(ScriptModule embeddings, String values) {
    TensorData weight = embeddings.tensor("norm_weight");
    TensorData shift = embeddings.tensor("norm_bias");
    double normEps = embeddings.real("layer_norm_eps");
    List<TensorData> positions = embeddings.tensors("positions");
    List<TensorData> projections = embeddings.tensors("projection_weight");
    String table =
        positions.isEmpty()
            ? OnnxGraph.NONE
            : parts.rows("positions", positions.get(0), OnnxWriter.POSITION_IDS);
    if (!table.isEmpty() && projections.isEmpty()) {
      return parts
          .sumAndNorm(values, table, OnnxGraph.NONE, "embeddings_norm", weight, shift, normEps)
          .normed();
    }
    String sum = table.isEmpty() ? values : graph.node("Add", values, table);
    for (TensorData projection : projections) {
      sum = exact.input(sum, Range.ANY).times("embeddings_projection", projection);
    }
    return parts.norm(sum, "embeddings_norm", weight, shift, normEps);
  }

  /** {@code [T, hidden]} to the first token of each sequence, {@code [n, hidden]}. */
  private String layers(String embedded) {
    boolean convolves = hasTensors("conv_weight");
    int last = layers.integer("num_layers") - 1;
    String values = embedded;
    for (int i = 0; i < last; i++) {
      String output = layer(i, values);
      values = i == 0 && convolves ? convolve(values, output) : output;
    }
    if (last == 0 && convolves) {
      // The convolution reads the neighbours of the first token, too.
      return graph.node("Gather", convolve(values, layer(0, values)), loop.starts());
    }
    String first = graph.node("Gather", values, loop.starts());
    Input input = many.input(values, Range.ANY);
    String attended =
        attention.first(
            last,
            part(last, 0, exact.input(first, Range.ANY)),
            part(last, 1, input),
            part(last, 2, input));
    return finish(exact, last, first, attended);
  }

  /** {@code [T, hidden]} to {@code [T, hidden]}. */
  private String layer(int layer, String values) {
    Input input = many.input(values, Range.ANY);
    String attended =
        attention.all(layer, part(layer, 0, input), part(layer, 1, input), part(layer, 2, input));
    return finish(many, layer, values, attended);
  }

  /** Queries, keys or values of a layer, {@code [T, hidden]}. */
  private String part(int layer, int index, Input input) {
    String name = "layer_%d_%s".formatted(layer, List.of("query", "key", "value").get(index));
    TensorData weight = third(layers.tensors("qkv_weight").get(layer), index);
    TensorData bias = third(layers.tensors("qkv_bias").get(layer), index);
    return parts.biased(input.times(name + "_weight", weight), name, bias);
  }

  private static TensorData third(TensorData whole, int index) {
    int rows = whole.shape().get(0) / 3;
    return TensorData.rows(whole, index * rows, rows);
  }

  /** What follows attention in a layer, as {@code finish} in {@code layers.py}. */
  private String finish(OnnxLinear linear, int layer, String values, String attended) {
    String name = "layer_" + layer + "_";
    String projected =
        linear
            .input(attended, Range.ANY)
            .times(name + "attention_output_weight", tensor("attention_output_weight", layer));
    String normed = sumNorm(projected, values, layer, "attention_output", "attention_norm");
    String product =
        linear
            .input(normed, Range.ANY)
            .times(name + "intermediate_weight", tensor("intermediate_weight", layer));
    String activation = layers.string("hidden_act");
    String intermediate =
        parts.activation(
            activation,
            parts.biased(product, name + "intermediate", tensor("intermediate_bias", layer)));
    String output =
        linear
            .input(intermediate, Range.of(activation))
            .times(name + "output_weight", tensor("output_weight", layer));
    return sumNorm(output, normed, layer, "output", "output_norm");
  }

  private String sumNorm(String product, String values, int layer, String linear, String norm) {
    String name = "layer_" + layer + "_";
    String bias = graph.weights(name + linear + "_bias", tensor(linear + "_bias", layer));
    return parts
        .sumAndNorm(
            product,
            values,
            bias,
            name + norm,
            tensor(norm + "_weight", layer),
            tensor(norm + "_bias", layer),
            eps)
        .normed();
  }

  private TensorData tensor(String name, int layer) {
    return layers.tensors(name).get(layer);
  }

  /** The convolution beside a first layer of DeBERTa, as {@code convolve} in {@code deberta.py}. */
  private String convolve(String values, String output) {
    TensorData weight = model.tensors("conv_weight").get(0);
    String kernel = graph.weights("conv_weight", weight);
    String bias = graph.weights("conv_bias", model.tensors("conv_bias").get(0));
    int reach = weight.shape().get(2) / 2;
    Attributes attributes =
        Attributes.of("pads", reach, reach).and("group", model.integer("conv_groups"));
    String convolved =
        loop.over(
            s -> {
              OnnxGraph body = s.body();
              Attributes swap = Attributes.of("perm", 1, 0);
              String channels = body.node("Transpose", List.of(s.tokens(values)), swap);
              String one = body.node("Unsqueeze", channels, body.integers(0));
              String out = body.node("Conv", List.of(one, kernel, bias), attributes);
              String rows = body.node("Squeeze", out, body.integers(0));
              return body.node("Transpose", List.of(rows), swap);
            });
    return parts
        .sumAndNorm(
            parts.activation(model.string("conv_act"), convolved),
            output,
            OnnxGraph.NONE,
            "conv_norm",
            model.tensors("conv_norm_weight").get(0),
            model.tensors("conv_norm_bias").get(0),
            model.real("conv_norm_eps"))
        .normed();
  }
}
