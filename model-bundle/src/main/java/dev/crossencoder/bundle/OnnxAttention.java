package dev.crossencoder.bundle;

import dev.crossencoder.bundle.OnnxGraph.Attributes;
import java.util.List;

/**
 * Attention of each sequence of a packed batch to itself: a loop over the sequences, because they
 * are of uneven length, and ONNX Runtime's attention takes what it pads for real.
 */
final class OnnxAttention {
  private final OnnxGraph graph;
  private final String offsets;
  private final String starts;
  private final String pairs;

  /**
   * Creates one.
   *
   * @param offsets {@code [n + 1]}
   */
  OnnxAttention(OnnxGraph graph, String offsets) {
    this.graph = graph;
    this.offsets = offsets;
    this.starts =
        graph.node("Slice", offsets, graph.integers(0), graph.integers(-1), graph.integers(0));
    this.pairs = graph.node("Squeeze", graph.node("Shape", starts), graph.integers(0));
  }

  /** Where each sequence starts, {@code [n]}. */
  String starts() {
    return starts;
  }

  /** Queries, keys and values {@code [T, hidden]} each, to {@code [T, hidden]}. */
  String all(String queries, String keys, String values, int heads) {
    return loop(queries, keys, values, heads, false);
  }

  /** A query {@code [n, hidden]} a sequence, keys and values {@code [T, hidden]}. */
  String first(String queries, String keys, String values, int heads) {
    return loop(queries, keys, values, heads, true);
  }

  private String loop(String queries, String keys, String values, int heads, boolean oneQueryEach) {
    OnnxGraph body = graph.body();
    String step = body.input(graph.fresh("step"), OnnxType.INT64);
    String condition = body.input(graph.fresh("condition"), OnnxType.BOOL);
    String before = body.sequenceInput(graph.fresh("before"), OnnxType.FLOAT);
    String index = body.node("Reshape", step, body.integers(1));
    String next = body.node("Add", index, body.integers(1));
    String start = body.node("Gather", offsets, index);
    String end = body.node("Gather", offsets, next);
    String query =
        oneQueryEach ? slice(body, queries, index, next) : slice(body, queries, start, end);
    String attended =
        body.contrib(
            "MultiHeadAttention",
            List.of(query, slice(body, keys, start, end), slice(body, values, start, end)),
            Attributes.of("num_heads", heads));
    String rows = body.node("Squeeze", attended, body.integers(0));
    String after = body.node("SequenceInsert", before, rows);
    body.output(body.node("Identity", condition), OnnxType.BOOL);
    body.sequenceOutput(after, OnnxType.FLOAT);

    String none =
        graph.node("SequenceEmpty", List.of(), Attributes.of("dtype", OnnxType.FLOAT.number()));
    String all =
        graph.node("Loop", List.of(pairs, graph.truth(), none), Attributes.of("body", body));
    return graph.node("ConcatFromSequence", List.of(all), Attributes.of("axis", 0));
  }

  /** Rows from start to end, {@code [1, length, hidden]}. */
  private static String slice(OnnxGraph body, String rows, String start, String end) {
    String slice = body.node("Slice", rows, start, end, body.integers(0));
    return body.node("Unsqueeze", slice, body.integers(0));
  }
}
