package dev.crossencoder.bundle;

import dev.crossencoder.bundle.OnnxLinear.Input;
import dev.crossencoder.bundle.OnnxLinear.Range;
import java.util.List;

/**
 * The program of BERT and its kin over a packed batch, as an ONNX graph: what {@code
 * embeddings.py}, {@code layers.py} and the programs that use them compute, from the same object.
 *
 * <pre>
 *   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
 *   offsets                                   [n + 1]  where each sequence starts; the last is T
 *   logits                                    [n, num_labels], float32
 * </pre>
 *
 * <p>As there, linear layers, norms and activations see real tokens only, and the last layer
 * computes queries and all that follows attention for n first tokens. Those few are multiplied in
 * float32 whatever the precision of the rest: it costs nothing, and the logits come from them.
 */
final class OnnxProgram {
  static final String INPUT_IDS = "input_ids";
  static final String TOKEN_TYPE_IDS = "token_type_ids";
  static final String POSITION_IDS = "position_ids";
  static final String OFFSETS = "offsets";
  static final String ATTENTION_MASK = "attention_mask";
  static final String LOGITS = "logits";

  private static final String TOKENS = "tokens";

  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final OnnxAttention attention;
  private final OnnxLinear exact;
  private final OnnxLinear many;
  private final ScriptModule layers;
  private final double eps;

  private OnnxProgram(OnnxGraph graph, ScriptModule layers, Precision precision) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.layers = layers;
    this.eps = layers.real("layer_norm_eps");
    for (String input : List.of(INPUT_IDS, TOKEN_TYPE_IDS, POSITION_IDS)) {
      graph.input(input, OnnxType.INT64, TOKENS);
    }
    graph.input(OFFSETS, OnnxType.INT64, "pairs_and_one");
    this.attention = new OnnxAttention(graph, OFFSETS);
    this.exact = OnnxLinear.floats(graph);
    this.many = precision == Precision.INT8 ? new Int8Linear(graph, INPUT_IDS) : exact;
  }

  /** Writes a model into a graph. */
  static void write(OnnxGraph graph, ScriptModule model, OnnxHead head, Precision precision) {
    OnnxProgram program = new OnnxProgram(graph, model.module("layers"), precision);
    String first = program.layers(program.embed(model));
    String logits = head.write(graph, program.parts, model, first);
    graph.output(graph.named(logits, LOGITS), OnnxType.FLOAT, "pairs", "labels");
  }

  /** {@code [T]} to {@code [T, hidden]}. */
  private String embed(ScriptModule model) {
    ScriptModule embeddings = model.module("embeddings");
    String values = parts.rows("words", embeddings.tensor("words"), INPUT_IDS);
    for (TensorData table : embeddings.tensors("token_types")) {
      values = graph.node("Add", values, parts.rows("token_types", table, TOKEN_TYPE_IDS));
    }
    TensorData weight = embeddings.tensor("norm_weight");
    TensorData shift = embeddings.tensor("norm_bias");
    double normEps = embeddings.real("layer_norm_eps");
    List<TensorData> positions = embeddings.tensors("positions");
    values =
        positions.isEmpty()
            ? parts.norm(values, "embeddings_norm", weight, shift, normEps)
            : parts.sumNorm(
                values,
                parts.rows("positions", positions.get(0), POSITION_IDS),
                OnnxGraph.NONE,
                "embeddings_norm",
                weight,
                shift,
                normEps);
    if (model.has("projection_weight") && !model.tensors("projection_weight").isEmpty()) {
      return parts.linear(
          exact,
          values,
          "projection",
          model.tensors("projection_weight").get(0),
          model.tensors("projection_bias").get(0));
    }
    return values;
  }

  /** {@code [T, hidden]} to the first token of each sequence, {@code [n, hidden]}. */
  private String layers(String embedded) {
    int heads = layers.integer("num_heads");
    int last = layers.integer("num_layers") - 1;
    String values = embedded;
    for (int i = 0; i < last; i++) {
      Input input = many.input(values, Range.ANY);
      String attended =
          attention.all(part(i, 0, input), part(i, 1, input), part(i, 2, input), heads);
      values = finish(many, i, values, attended);
    }
    String first = graph.node("Gather", values, attention.starts());
    Input input = many.input(values, Range.ANY);
    String attended =
        attention.first(
            part(last, 0, exact.input(first, Range.ANY)),
            part(last, 1, input),
            part(last, 2, input),
            heads);
    return finish(exact, last, first, attended);
  }

  /** Queries, keys or values of a layer, {@code [T, hidden]}. */
  private String part(int layer, int index, Input input) {
    String name = "layer_%d_%s".formatted(layer, List.of("query", "key", "value").get(index));
    TensorData weight = third(layers.tensors("qkv_weight").get(layer), index);
    TensorData bias = third(layers.tensors("qkv_bias").get(layer), index);
    return parts.biased(input.times(name + "_weight", weight), name, bias);
  }

  private static TensorData third(TensorData whole, int index) {
    return TensorData.rows(whole, index * whole.shape().get(0) / 3, whole.shape().get(0) / 3);
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
    return parts.sumNorm(
        product,
        values,
        bias,
        name + norm,
        tensor(norm + "_weight", layer),
        tensor(norm + "_bias", layer),
        eps);
  }

  private TensorData tensor(String name, int layer) {
    return layers.tensors(name).get(layer);
  }
}
