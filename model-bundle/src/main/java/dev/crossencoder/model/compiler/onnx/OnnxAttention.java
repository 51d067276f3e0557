package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Attention of each sequence of a packed batch to itself, as a graph computes it. */
interface OnnxAttention {
  /** Queries, keys and values of a layer, {@code [T, hidden]} each, to {@code [T, hidden]}. */
  String all(int layer, String queries, String keys, String values);

  /**
   * The attention of one token of each sequence to all of its tokens: a query {@code [n, hidden]}
   * for each sequence, keys and values {@code [T, hidden]}, to {@code [n, hidden]}.
   */
  String one(int layer, String queries, String keys, String values);

  /** The attention of BERT. */
  static OnnxAttention plain(OnnxLoop loop, int heads, OptionalDouble scale) {
    return of(loop, attributes(heads, scale), attributes(heads, scale));
  }

  /** The attention of a decoder: of each token to itself and to those before it. */
  static OnnxAttention causal(OnnxLoop loop, int heads) {
    Attributes attributes = attributes(heads, OptionalDouble.empty());
    return of(loop, attributes(heads, OptionalDouble.empty()).and("unidirectional", 1), attributes);
  }

  /** Attention with attributes for all tokens, and others for one token of each sequence. */
  private static OnnxAttention of(OnnxLoop loop, Attributes ofAll, Attributes ofOne) {
    return new OnnxAttention() {
      @Override
      public String all(int layer, String queries, String keys, String values) {
        return loop.over(
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
        return loop.over(
            s ->
                attend(
                    s.body(),
                    s.own(queries),
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
   * The attention of one sequence: queries {@code [q, hidden]}, keys and values {@code [k, hidden]}
   * to {@code [q, hidden]}.
   *
   * @param scores what is added to the scores, {@code [1, heads, q, k]}, or {@link OnnxGraph#NONE}
   * @param scale of queries times keys; by default one by the root of a head's size
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
