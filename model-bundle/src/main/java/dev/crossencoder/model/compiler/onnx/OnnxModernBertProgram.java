package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Input;
import dev.crossencoder.model.compiler.onnx.OnnxLinear.Range;
import dev.crossencoder.model.compiler.onnx.OnnxLoop.Sequence;
import dev.crossencoder.model.compiler.onnx.OnnxParts.Sum;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Writes the program of ModernBERT as an ONNX graph. It computes the same as {@code modernbert.py},
 * from the same module. The linear layers for the first token of each sequence in the last layer
 * are in float32 for every precision.
 */
public final class OnnxModernBertProgram {
  /** The number of queries of local attention that share a mask. */
  private static final int CHUNK = 128;

  /** The mask's value for a key outside the window; it is added to the attention score. */
  private static final double MASKED = -Float.MAX_VALUE;

  private final OnnxGraph graph;
  private final OnnxParts parts;
  private final OnnxLoop loop;
  private final OnnxLinear floatLinear;
  private final OnnxLinear packedLinear;
  private final ProgramModule model;
  private final int heads;
  private final int window;
  private final double eps;

  /** The rows of the tables of cosines and sines: each token has its own, {@code [1, T]}. */
  private final String tokenNumbers;

  private final Rotary global;
  private final Rotary local;

  /** Cosines and sines of the angles of each token, {@code [T, head_size / 2]}. */
  private record Rotary(String cosines, String sines) {}

  private OnnxModernBertProgram(OnnxGraph graph, ProgramModule model, Precision precision) {
    this.graph = graph;
    this.parts = new OnnxParts(graph);
    this.model = model;
    this.heads = model.integer("num_heads");
    this.window = model.integer("window");
    this.eps = model.real("norm_eps");
    this.loop = new OnnxLoop(graph, OnnxParts.packedInputs(graph));
    this.floatLinear = OnnxLinear.floats(graph);
    this.packedLinear =
        precision == Precision.INT8 ? new Int8Linear(graph, OnnxTensors.INPUT_IDS) : floatLinear;
    String tokens = graph.node("Size", OnnxTensors.INPUT_IDS);
    this.tokenNumbers =
        graph.node(
            "Unsqueeze",
            graph.node("Range", graph.integer(0), tokens, graph.integer(1)),
            graph.integers(0));
    String positions =
        graph.node(
            "Unsqueeze",
            graph.node(
                "Cast",
                List.of(OnnxTensors.POSITION_IDS),
                Attributes.of("to", OnnxType.FLOAT.number())),
            graph.integers(1));
    this.global = rotary("global", positions);
    this.local = rotary("local", positions);
  }

  /** Writes the program of a model into a graph. */
  public static void write(OnnxGraph graph, ProgramModule model, Precision precision) {
    OnnxModernBertProgram program = new OnnxModernBertProgram(graph, model, precision);
    String logits = program.head(program.encode());
    graph.output(graph.named(logits, OnnxTensors.LOGITS), OnnxType.FLOAT, "pairs", "labels");
  }

  private Rotary rotary(String name, String positions) {
    TensorData frequencies = frequencies(model.real(name + "_rope_theta"));
    String angles = graph.node("Mul", positions, graph.weights(name + "_frequencies", frequencies));
    return new Rotary(graph.node("Cos", angles), graph.node("Sin", angles));
  }

  /**
   * The frequencies in single precision: transformers multiplies positions by the rounded values.
   */
  private TensorData frequencies(double theta) {
    int headSize = model.tensor("word_embeddings").shape().get(1) / heads;
    float[] frequencies = new float[headSize / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = 2f * i / headSize;
      frequencies[i] = 1 / (float) Math.pow(theta, exponent);
    }
    return TensorData.of(frequencies, 1, frequencies.length);
  }

  /** The pooled output of the encoder, {@code [n, hidden]}. */
  private String encode() {
    int last = model.integers("layer_is_global").size() - 1;
    String words = parts.rows("words", model.tensor("word_embeddings"), OnnxTensors.INPUT_IDS);
    String embedded = norm(words, "embeddings_norm", "embeddings_norm");
    // The first layer has no norm: its input was normalized after the embeddings.
    Sum input = new Sum(embedded, embedded);
    for (int i = 0; i < last; i++) {
      input = layer(i, input);
    }
    if (model.bool("mean_pooling")) {
      String normed = layer(last, input).normed();
      return loop.forEachSequence(
          s ->
              s.body()
                  .node(
                      "ReduceMean",
                      List.of(s.tokens(normed), s.body().integers(0)),
                      Attributes.of("keepdims", 1)));
    }
    return lastLayer(last, input);
  }

  /** A layer for all tokens, with the norm of the next layer: {@code [T, hidden]}. */
  private Sum layer(int layer, Sum input) {
    boolean isGlobal = isGlobal(layer);
    Rotary rotary = isGlobal ? global : local;
    Input ready = packedLinear.input(input.normed(), Range.ANY);
    String queries = rotated(part(layer, 0, ready), rotary);
    String keys = rotated(part(layer, 1, ready), rotary);
    String values = part(layer, 2, ready);
    String attended =
        loop.forEachSequence(
            s ->
                isGlobal
                    ? attend(s, queries, keys, values)
                    : attendNearby(s, queries, keys, values));
    return finish(packedLinear, layer, input.value(), attended);
  }

  /**
   * The last layer for the first token of each sequence: {@code [T, hidden]} to {@code [n,
   * hidden]}.
   */
  private String lastLayer(int layer, Sum input) {
    Input ready = packedLinear.input(input.normed(), Range.ANY);
    String first = graph.node("Gather", input.normed(), loop.starts());
    // The first token has position 0, for which rotation changes nothing.
    String queries = part(layer, 0, floatLinear.input(first, Range.ANY));
    String keys = rotated(part(layer, 1, ready), isGlobal(layer) ? global : local);
    String values = part(layer, 2, ready);
    String attended =
        loop.forEachSequence(
            s -> {
              OnnxGraph body = s.body();
              String key = s.tokens(keys);
              String value = s.tokens(values);
              if (!isGlobal(layer)) {
                key = rows(body, key, body.integers(0), body.integers(window + 1));
                value = rows(body, value, body.integers(0), body.integers(window + 1));
              }
              return attend(body, s.row(queries), key, value, OnnxGraph.NONE);
            });
    String before = graph.node("Gather", input.value(), loop.starts());
    return finish(floatLinear, layer, before, attended).normed();
  }

  private boolean isGlobal(int layer) {
    return model.integers("layer_is_global").get(layer) == 1;
  }

  /** The queries (0), keys (1) or values (2) of a layer, {@code [T, hidden]}. */
  private String part(int layer, int index, Input input) {
    String name = "layer_%d_%s".formatted(layer, List.of("query", "key", "value").get(index));
    return slice(input, name, "qkv", layer, index, 3);
  }

  /** One of {@code count} equal parts of a linear layer's output. */
  private String slice(
      Input input, String name, String attribute, int layer, int index, int count) {
    TensorData weight = tensor(attribute + "_weight", layer);
    TensorData bias = tensor(attribute + "_bias", layer);
    int rows = weight.shape().get(0) / count;
    return input.linear(
        name,
        TensorData.rows(weight, index * rows, rows),
        TensorData.rows(bias, index * rows, rows));
  }

  private String rotated(String values, Rotary rotary) {
    String one = graph.node("Unsqueeze", values, graph.integers(0));
    String rotated =
        graph.contrib(
            "RotaryEmbedding",
            List.of(one, tokenNumbers, rotary.cosines(), rotary.sines()),
            Attributes.NONE);
    return graph.node("Squeeze", rotated, graph.integers(0));
  }

  private String attend(Sequence s, String queries, String keys, String values) {
    return attend(s.body(), s.tokens(queries), s.tokens(keys), s.tokens(values), OnnxGraph.NONE);
  }

  private String attend(OnnxGraph body, String queries, String keys, String values, String scores) {
    return OnnxAttention.attend(body, queries, keys, values, scores, heads, OptionalDouble.empty());
  }

  /** Local attention: keys at most {@code window} positions away, in chunks of queries. */
  private String attendNearby(Sequence s, String queries, String keys, String values) {
    OnnxGraph body = s.body();
    String query = s.tokens(queries);
    String key = s.tokens(keys);
    String value = s.tokens(values);
    String length = s.length();
    String rounded = body.node("Add", length, body.integers(CHUNK - 1));
    String chunks = body.node("Squeeze", body.node("Div", rounded, body.integers(CHUNK)));
    return OnnxLoop.repeat(
        body, chunks, (chunk, number) -> attendChunk(chunk, number, query, key, value, length));
  }

  private String attendChunk(
      OnnxGraph chunk, String number, String query, String key, String value, String length) {
    String index = chunk.node("Reshape", number, chunk.integers(1));
    String begin = chunk.node("Mul", index, chunk.integers(CHUNK));
    String end = chunk.node("Min", chunk.node("Add", begin, chunk.integers(CHUNK)), length);
    String reach = chunk.integers(window);
    String firstKey = chunk.node("Max", chunk.node("Sub", begin, reach), chunk.integers(0));
    String lastKey = chunk.node("Min", chunk.node("Add", end, reach), length);
    String distances =
        chunk.node(
            "Abs",
            chunk.node(
                "Sub",
                chunk.node("Unsqueeze", range(chunk, begin, end), chunk.integers(1)),
                range(chunk, firstKey, lastKey)));
    String mask =
        chunk.node(
            "Where", chunk.node("Greater", distances, reach), chunk.real(MASKED), chunk.real(0));
    return attend(
        chunk,
        rows(chunk, query, begin, end),
        rows(chunk, key, firstKey, lastKey),
        rows(chunk, value, firstKey, lastKey),
        chunk.node("Unsqueeze", mask, chunk.integers(0, 1)));
  }

  private static String range(OnnxGraph body, String from, String to) {
    return body.node(
        "Range", body.node("Squeeze", from), body.node("Squeeze", to), body.integer(1));
  }

  private static String rows(OnnxGraph body, String values, String from, String to) {
    return body.node("Slice", values, from, to, body.integers(0));
  }

  /** The part of a layer after attention, with the norm before the next layer. */
  private Sum finish(OnnxLinear linear, int layer, String values, String attended) {
    String name = "layer_" + layer + "_";
    String projected = linear(linear, layer, "attention_output", attended);
    Sum middle = sum(projected, values, name + "mlp_norm", "mlp_norm", layer);
    Input inner = linear.input(middle.normed(), Range.ANY);
    String gate =
        parts.activation(
            model.string("hidden_act"), slice(inner, name + "gate", "input", layer, 0, 2));
    String gated = graph.node("Mul", gate, slice(inner, name + "input", "input", layer, 1, 2));
    String output = linear(linear, layer, "output", gated);
    boolean last = layer == model.integers("layer_is_global").size() - 1;
    return last
        ? sum(output, middle.value(), "final_norm", "final_norm", -1)
        : sum(
            output,
            middle.value(),
            "layer_%d_attention_norm".formatted(layer + 1),
            "attention_norm",
            layer);
  }

  private String linear(OnnxLinear linear, int layer, String name, String values) {
    return parts.linear(
        linear,
        values,
        "layer_%d_%s".formatted(layer, name),
        tensor(name + "_weight", layer),
        tensor(name + "_bias", layer));
  }

  /**
   * Adds the output of a linear layer to the residual, and applies the next norm.
   *
   * @param norm the attribute of the norm
   * @param normIndex the index of the norm in the attribute's list; -1 if it is not a list
   */
  private Sum sum(String output, String values, String name, String norm, int normIndex) {
    return parts.sumAndNorm(
        output,
        values,
        name,
        normIndex < 0 ? model.tensor(norm + "_weight") : tensor(norm + "_weight", normIndex),
        normIndex < 0 ? model.tensor(norm + "_bias") : tensor(norm + "_bias", normIndex),
        eps);
  }

  private TensorData tensor(String name, int layer) {
    return model.tensors(name).get(layer);
  }

  private String norm(String values, String name, String attribute) {
    return parts.norm(
        values, name, model.tensor(attribute + "_weight"), model.tensor(attribute + "_bias"), eps);
  }

  /** Computes logits: {@code [n, hidden]} to {@code [n, labels]}. */
  private String head(String pooled) {
    String dense =
        parts.linear(
            floatLinear, pooled, "dense", model.tensor("dense_weight"), model.tensor("dense_bias"));
    String function = model.string("classifier_act");
    String normed =
        parts.norm(
            function.equals("identity") ? dense : parts.activation(function, dense),
            "head_norm",
            model.tensor("head_norm_weight"),
            model.tensor("head_norm_bias"),
            model.real("head_norm_eps"));
    return parts.linear(
        floatLinear,
        normed,
        "classifier",
        model.tensor("classifier_weight"),
        model.tensor("classifier_bias"));
  }
}
