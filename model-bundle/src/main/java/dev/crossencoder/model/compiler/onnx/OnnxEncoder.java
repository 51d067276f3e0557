package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Range;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Writes the program of BERT-like encoders and of DeBERTa for packed batches as an ONNX graph. It
 * computes the same as {@code embeddings.py}, {@code layers.py} and the programs that use them,
 * from the same module.
 *
 * <p>As in these programs, there is no padding, and the last layer computes queries and everything
 * after attention for the first token of each sequence only. Where distances between tokens do not
 * matter, that layer has no keys and values. The linear layers for these n tokens are in float32
 * for every precision, because they cost little and the logits depend on them directly.
 */
final class OnnxEncoder {
  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final OnnxLoop loop;
  private final OnnxAttention attention;
  private final OnnxLinear floatLinear;
  private final ProgramModule model;
  private final OnnxLayers layers;

  private OnnxEncoder(OnnxGraph graph, ProgramModule model, Precision precision) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.model = model;
    this.loop = new OnnxLoop(graph, OnnxParts.packedInputs(graph));
    this.floatLinear = OnnxLinear.floats(graph);
    OnnxLinear packedLinear =
        precision == Precision.INT8 ? new Int8Linear(graph, OnnxTensors.INPUT_IDS) : floatLinear;
    this.layers = new OnnxLayers(graph, model.module("layers"), "", floatLinear, packedLinear);
    this.attention = attention();
  }

  /** Writes the program of a model into a graph. */
  static void write(OnnxGraph graph, ProgramModule model, OnnxHead head, Precision precision) {
    OnnxEncoder program = new OnnxEncoder(graph, model, precision);
    String first = program.encode(program.embed());
    String logits = head.write(graph, program.parts, model, first);
    graph.output(graph.named(logits, OnnxTensors.LOGITS), OnnxType.FLOAT, "pairs", "labels");
  }

  private OnnxAttention attention() {
    int heads = layers.heads();
    if (hasDistances()) {
      return new OnnxDisentangledAttention(graph, loop, model, heads);
    }
    return OnnxAttention.plain(loop, heads, OptionalDouble.of(scale()));
  }

  /** Whether distances between tokens add to the attention scores. */
  private boolean hasDistances() {
    return Stream.of("position_keys", "position_queries").anyMatch(this::hasTensors);
  }

  /** The factor of the attention scores; 1 / sqrt(head size) if the model does not have its own. */
  private double scale() {
    return model.has("scale") ? model.real("scale") : 1 / Math.sqrt(layers.headSize());
  }

  private boolean hasTensors(String name) {
    return model.has(name) && !model.tensors(name).isEmpty();
  }

  /** The embeddings, {@code [T, hidden]}. */
  private String embed() {
    ProgramModule embeddings = model.module("embeddings");
    String values = parts.rows("words", embeddings.tensor("words"), OnnxTensors.INPUT_IDS);
    for (TensorData table : embeddings.tensors("token_types")) {
      values =
          graph.node("Add", values, parts.rows("token_types", table, OnnxTensors.TOKEN_TYPE_IDS));
    }
    values = normalize(embeddings, values);
    if (hasTensors("projection_weight")) {
      return parts.linear(
          floatLinear,
          values,
          "projection",
          model.tensors("projection_weight").get(0),
          model.tensors("projection_bias").get(0));
    }
    return values;
  }

  /** Adds position embeddings, projects and applies the layer norm, as the model requires. */
  private String normalize(ProgramModule embeddings, String values) {
    TensorData weight = embeddings.tensor("norm_weight");
    TensorData shift = embeddings.tensor("norm_bias");
    double normEps = embeddings.real("layer_norm_eps");
    List<TensorData> positions = embeddings.tensors("positions");
    List<TensorData> projections = embeddings.tensors("projection_weight");
    String table =
        positions.isEmpty()
            ? OnnxGraph.NONE
            : parts.rows("positions", positions.get(0), OnnxTensors.POSITION_IDS);
    if (!table.isEmpty() && projections.isEmpty()) {
      return parts.sumAndNorm(values, table, "embeddings_norm", weight, shift, normEps).normed();
    }
    String sum = table.isEmpty() ? values : graph.node("Add", values, table);
    for (TensorData projection : projections) {
      sum = floatLinear.input(sum, Range.ANY).times("embeddings_projection", projection);
    }
    return parts.norm(sum, "embeddings_norm", weight, shift, normEps);
  }

  /** Encodes embeddings {@code [T, hidden]}; returns the first tokens {@code [n, hidden]}. */
  private String encode(String embedded) {
    boolean convolves = hasTensors("conv_weight");
    int last = layers.count() - 1;
    String values = embedded;
    for (int i = 0; i < last; i++) {
      String output = layers.layer(i, values, attention);
      values = i == 0 && convolves ? convolve(values, output) : output;
    }
    if (last == 0 && convolves) {
      // The convolution also needs the output for the neighbours of the first token.
      return graph.node(
          "Gather", convolve(values, layers.layer(0, values, attention)), loop.starts());
    }
    String first = graph.node("Gather", values, loop.starts());
    return hasDistances()
        ? layers.lastLayer(values, first, attention)
        : layers.lastLayer(values, first, loop, scale());
  }

  /**
   * The convolution beside the first layer of DeBERTa v2, as {@code convolve} in {@code
   * deberta.py}.
   */
  private String convolve(String values, String output) {
    TensorData weight = model.tensors("conv_weight").get(0);
    String kernel = graph.weights("conv_weight", weight);
    String bias = graph.weights("conv_bias", model.tensors("conv_bias").get(0));
    int reach = weight.shape().get(2) / 2;
    Attributes attributes =
        Attributes.of("pads", reach, reach).and("group", model.integer("conv_groups"));
    String convolved =
        loop.forEachSequence(
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
            "conv_norm",
            model.tensors("conv_norm_weight").get(0),
            model.tensors("conv_norm_bias").get(0),
            model.real("conv_norm_eps"))
        .normed();
  }
}
