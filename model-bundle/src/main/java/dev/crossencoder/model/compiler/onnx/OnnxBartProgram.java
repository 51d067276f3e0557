package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Input;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Range;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Writes the program of BART as an ONNX graph. It computes the same as {@code bart.py}, from the
 * same module. The linear layers for the last token of each sequence are in float32 for every
 * precision.
 */
public final class OnnxBartProgram {
  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final OnnxLoop loop;
  private final OnnxLinear floatLinear;
  private final OnnxLinear packedLinear;
  private final ProgramModule model;
  private final String words;
  private final OnnxLayers encoder;
  private final OnnxLayers decoder;
  private final OnnxAttention toEncoder;

  private OnnxBartProgram(OnnxGraph graph, ProgramModule model, Precision precision) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.model = model;
    this.loop = new OnnxLoop(graph, OnnxParts.packedInputs(graph));
    this.floatLinear = OnnxLinear.floats(graph);
    this.packedLinear =
        precision == Precision.INT8 ? new Int8Linear(graph, OnnxTensors.INPUT_IDS) : floatLinear;
    this.words = graph.weights("words", model.tensor("words"));
    this.encoder =
        new OnnxLayers(graph, model.module("encoder"), "encoder_", floatLinear, packedLinear);
    this.decoder =
        new OnnxLayers(graph, model.module("decoder"), "decoder_", floatLinear, packedLinear);
    this.toEncoder = OnnxAttention.plain(loop, decoder.heads(), OptionalDouble.empty());
  }

  /** Writes the program of a model into a graph. */
  public static void write(OnnxGraph graph, ProgramModule model, Precision precision) {
    OnnxBartProgram program = new OnnxBartProgram(graph, model, precision);
    String last = program.decode(program.encode());
    String logits =
        new OnnxHead("dense", "tanh", "out_proj").write(graph, program.parts, model, last);
    graph.output(graph.named(logits, OnnxTensors.LOGITS), OnnxType.FLOAT, "pairs", "labels");
  }

  /** The sum of token and position embeddings with a layer norm, {@code [T, hidden]}. */
  private String embed(String side, String ids) {
    String values = graph.node("Gather", words, ids);
    double scale = model.real("embed_scale");
    if (scale != 1) {
      values = graph.node("Mul", values, graph.real(scale));
    }
    String positions =
        parts.rows(
            side + "_positions", model.tensor(side + "_positions"), OnnxTensors.POSITION_IDS);
    return parts
        .sumAndNorm(
            values,
            positions,
            side + "_norm",
            model.tensor(side + "_norm_weight"),
            model.tensor(side + "_norm_bias"),
            model.module("encoder").real("layer_norm_eps"))
        .normed();
  }

  /** The output of the encoder, {@code [T, hidden]}. */
  private String encode() {
    OnnxAttention attention = OnnxAttention.plain(loop, encoder.heads(), OptionalDouble.empty());
    String values = embed("encoder", OnnxTensors.INPUT_IDS);
    for (int i = 0; i < encoder.count(); i++) {
      values = encoder.layer(i, values, attention);
    }
    return values;
  }

  /** The output of the decoder for the last token of each sequence, {@code [n, hidden]}. */
  private String decode(String encoded) {
    OnnxAttention attention = OnnxAttention.causal(loop, decoder.heads());
    Input memory = packedLinear.input(encoded, Range.ANY);
    String values = embed("decoder", shifted());
    int last = decoder.count() - 1;
    for (int i = 0; i < last; i++) {
      String attended = decoder.attended(i, values, attention);
      String before = decoder.afterAttention(packedLinear, i, values, attended);
      String query = query(packedLinear, i, before);
      String mixed = toEncoder.all(i, query, part(memory, i, 0), part(memory, i, 1));
      values = decoder.feedForward(packedLinear, i, afterCross(packedLinear, i, before, mixed));
    }
    String chosen = graph.node("Gather", values, loop.lastTokens());
    String attended = decoder.attendedByOne(values, chosen, attention);
    String before = decoder.afterAttention(floatLinear, last, chosen, attended);
    String query = query(floatLinear, last, before);
    String mixed = toEncoder.one(last, query, part(memory, last, 0), part(memory, last, 1));
    return decoder.feedForward(floatLinear, last, afterCross(floatLinear, last, before, mixed));
  }

  /** The input ids of the decoder: those of each sequence, shifted right by one, {@code [T]}. */
  private String shifted() {
    String start = graph.integers(model.integer("decoder_start_token_id"));
    String ids =
        graph.node(
            "Slice",
            OnnxTensors.INPUT_IDS,
            graph.integers(0),
            graph.integers(-1),
            graph.integers(0));
    String moved = graph.node("Concat", List.of(start, ids), Attributes.of("axis", 0));
    String starts = graph.node("Expand", start, graph.node("Shape", loop.starts()));
    return graph.node("ScatterElements", moved, loop.starts(), starts);
  }

  private String query(OnnxLinear linear, int layer, String values) {
    return parts.linear(
        linear,
        values,
        name(layer) + "query",
        tensor("cross_query_weight", layer),
        tensor("cross_query_bias", layer));
  }

  /** The keys (0) or values (1) of the encoder's output for a layer of the decoder. */
  private String part(Input memory, int layer, int index) {
    return memory.linear(
        name(layer) + List.of("key", "value").get(index),
        half("cross_key_value_weight", layer, index),
        half("cross_key_value_bias", layer, index));
  }

  private TensorData half(String attribute, int layer, int index) {
    TensorData whole = tensor(attribute, layer);
    int rows = whole.shape().get(0) / 2;
    return TensorData.rows(whole, index * rows, rows);
  }

  /** The output layer of cross-attention, with the residual sum and its layer norm. */
  private String afterCross(OnnxLinear linear, int layer, String values, String attended) {
    String name = name(layer);
    String projected =
        parts.linear(
            linear,
            attended,
            name + "output",
            tensor("cross_output_weight", layer),
            tensor("cross_output_bias", layer));
    return parts
        .sumAndNorm(
            projected,
            values,
            name + "norm",
            tensor("cross_norm_weight", layer),
            tensor("cross_norm_bias", layer),
            model.module("decoder").real("layer_norm_eps"))
        .normed();
  }

  private static String name(int layer) {
    return "decoder_layer_" + layer + "_cross_";
  }

  private TensorData tensor(String attribute, int layer) {
    return model.tensors(attribute).get(layer);
  }
}
