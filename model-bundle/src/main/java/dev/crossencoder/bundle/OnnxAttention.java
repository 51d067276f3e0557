package dev.crossencoder.bundle;

import dev.crossencoder.bundle.OnnxGraph.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Attention of each sequence of a packed batch to itself, as a graph computes it. */
interface OnnxAttention {
  /** Queries, keys and values of a layer, {@code [T, hidden]} each, to {@code [T, hidden]}. */
  String all(int layer, String queries, String keys, String values);

  /**
   * The attention of first tokens: a query {@code [n, hidden]} for each sequence, keys and values
   * {@code [T, hidden]}, to {@code [n, hidden]}.
   */
  String first(int layer, String queries, String keys, String values);

  /** The attention of BERT. */
  static OnnxAttention plain(OnnxLoop loop, int heads, OptionalDouble scale) {
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
                    heads,
                    scale));
      }

      @Override
      public String first(int layer, String queries, String keys, String values) {
        return loop.over(
            s ->
                attend(
                    s.body(),
                    s.own(queries),
                    s.tokens(keys),
                    s.tokens(values),
                    OnnxGraph.NONE,
                    heads,
                    scale));
      }
    };
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
    List<String> inputs = new ArrayList<>();
    for (String rows : List.of(queries, keys, values)) {
      inputs.add(body.node("Unsqueeze", rows, body.integers(0)));
    }
    if (!scores.equals(OnnxGraph.NONE)) {
      inputs.addAll(List.of(OnnxGraph.NONE, OnnxGraph.NONE, scores));
    }
    Attributes attributes = Attributes.of("num_heads", heads);
    scale.ifPresent(value -> attributes.and("scale", value));
    String attended = body.contrib("MultiHeadAttention", inputs, attributes);
    return body.node("Squeeze", attended, body.integers(0));
  }
}
