package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Writes the nodes of self-attention within each sequence of a packed batch. */
interface OnnxAttention {
  /**
   * Attention of all tokens: queries, keys and values {@code [T, hidden]} to {@code [T, hidden]}.
   */
  String all(int layer, String queries, String keys, String values);

  /**
   * Attention of one token of each sequence to all tokens of the sequence: queries {@code [n,
   * hidden]}, keys and values {@code [T, hidden]}, to {@code [n, hidden]}.
   */
  String one(int layer, String queries, String keys, String values);

  /** Attention without masks within the sequence, as in BERT. */
  static OnnxAttention plain(OnnxLoop loop, int heads, OptionalDouble scale) {
    return of(loop, attributes(heads, scale), attributes(heads, scale));
  }

  /** Causal attention of a decoder: each token attends to itself and the tokens before it. */
  static OnnxAttention causal(OnnxLoop loop, int heads) {
    Attributes attributes = attributes(heads, OptionalDouble.empty());
    return of(loop, attributes(heads, OptionalDouble.empty()).and("unidirectional", 1), attributes);
  }

  /** Attention with different attributes for all tokens and for one token of each sequence. */
  private static OnnxAttention of(OnnxLoop loop, Attributes ofAll, Attributes ofOne) {
    return new OnnxAttention() {
      @Override
      public String all(int layer, String queries, String keys, String values) {
        return loop.forEachSequence(
            s ->
                attend(
                    s.body(),
                    s.tokens(queries),
                    s.tokens(keys),
                    s.tokens(values),
                    OnnxGraph.NONE,
                    ofAll));
      }

      @Override
      public String one(int layer, String queries, String keys, String values) {
        return loop.forEachSequence(
            s ->
                attend(
                    s.body(),
                    s.row(queries),
                    s.tokens(keys),
                    s.tokens(values),
                    OnnxGraph.NONE,
                    ofOne));
      }
    };
  }

  private static Attributes attributes(int heads, OptionalDouble scale) {
    Attributes attributes = Attributes.of("num_heads", heads);
    scale.ifPresent(value -> attributes.and("scale", value));
    return attributes;
  }

  /**
   * Attention within one sequence: queries {@code [q, hidden]}, keys and values {@code [k, hidden]}
   * to {@code [q, hidden]}.
   *
   * @param scores a bias that is added to the attention scores, {@code [1, heads, q, k]}, or {@link
   *     OnnxGraph#NONE}
   * @param scale the factor of the attention scores; the default is {@code 1 / sqrt(head size)}
   */
  static String attend(
      OnnxGraph body,
      String queries,
      String keys,
      String values,
      String scores,
      int heads,
      OptionalDouble scale) {
    return attend(body, queries, keys, values, scores, attributes(heads, scale));
  }

  private static String attend(
      OnnxGraph body,
      String queries,
      String keys,
      String values,
      String scores,
      Attributes attributes) {
    List<String> inputs = new ArrayList<>();
    for (String rows : List.of(queries, keys, values)) {
      inputs.add(body.node("Unsqueeze", rows, body.integers(0)));
    }
    if (!scores.equals(OnnxGraph.NONE)) {
      inputs.addAll(List.of(OnnxGraph.NONE, OnnxGraph.NONE, scores));
    }
    String attended = body.contrib("MultiHeadAttention", inputs, attributes);
    return body.node("Squeeze", attended, body.integers(0));
  }
}
