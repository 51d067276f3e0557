package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import java.util.List;

/** Writes loops over the sequences of a packed batch. */
final class OnnxLoop {
  private final OnnxGraph graph;
  private final String offsets;
  private final String starts;
  private final String count;

  /** The sequence of the current iteration. Its values belong to the body of the loop. */
  static final class Sequence {
    private final OnnxGraph body;
    private final String index;
    private final String next;
    private final String start;
    private final String end;

    private Sequence(OnnxGraph body, String step, String offsets) {
      this.body = body;
      this.index = body.node("Reshape", step, body.integers(1));
      this.next = body.node("Add", index, body.integers(1));
      this.start = body.node("Gather", offsets, index);
      this.end = body.node("Gather", offsets, next);
    }

    OnnxGraph body() {
      return body;
    }

    /** The number of tokens, {@code [1]}. */
    String length() {
      return body.node("Sub", end, start);
    }

    /** Slices the rows of the sequence's tokens: {@code [T, width]} to {@code [length, width]}. */
    String tokens(String rows) {
      return body.node("Slice", rows, start, end, body.integers(0));
    }

    /** Slices the row of the sequence: {@code [n, width]} to {@code [1, width]}. */
    String row(String rows) {
      return body.node("Slice", rows, index, next, body.integers(0));
    }
  }

  /** Writes the computation for one sequence. */
  @FunctionalInterface
  interface Step {
    /** Returns rows {@code [any, width]}. */
    String rows(Sequence sequence);
  }

  /**
   * @param offsets {@code [n + 1]}, as in {@code PackedBatch}
   */
  OnnxLoop(OnnxGraph graph, String offsets) {
    this.graph = graph;
    this.offsets = offsets;
    this.starts =
        graph.node("Slice", offsets, graph.integers(0), graph.integers(-1), graph.integers(0));
    this.count = graph.node("Squeeze", graph.node("Shape", starts), graph.integers(0));
  }

  /** The index of the first token of each sequence, {@code [n]}. */
  String starts() {
    return starts;
  }

  /** The index of the last token of each sequence, {@code [n]}. */
  String lastTokens() {
    return graph.node("Sub", ends(), graph.integers(1));
  }

  /** The number of tokens of the longest sequence, {@code [1]}. */
  String longest() {
    return graph.node(
        "ReduceMax",
        List.of(graph.node("Sub", ends(), starts), graph.integers(0)),
        Attributes.of("keepdims", 1));
  }

  private String ends() {
    return graph.node(
        "Slice", offsets, graph.integers(1), graph.integers(Long.MAX_VALUE), graph.integers(0));
  }

  /** Concatenates the rows that a step computes for each sequence. */
  String forEachSequence(Step step) {
    return repeat(graph, count, (body, number) -> step.rows(new Sequence(body, number, offsets)));
  }

  /** Writes the body of a loop. */
  @FunctionalInterface
  interface Iteration {
    /** Returns rows {@code [any, width]} for the number of the iteration, a scalar from 0 on. */
    String rows(OnnxGraph body, String number);
  }

  /**
   * Concatenates the rows of all iterations of a loop.
   *
   * @param count the number of iterations, a scalar
   */
  static String repeat(OnnxGraph graph, String count, Iteration iteration) {
    OnnxGraph body = graph.body();
    String number = body.input(graph.fresh("step"), OnnxType.INT64);
    String condition = body.input(graph.fresh("condition"), OnnxType.BOOL);
    String before = body.sequenceInput(graph.fresh("before"), OnnxType.FLOAT);
    String rows = iteration.rows(body, number);
    String after = body.node("SequenceInsert", before, rows);
    body.output(body.node("Identity", condition), OnnxType.BOOL);
    body.sequenceOutput(after, OnnxType.FLOAT);

    String none =
        graph.node("SequenceEmpty", List.of(), Attributes.of("dtype", OnnxType.FLOAT.number()));
    String all =
        graph.node("Loop", List.of(count, graph.truth(), none), Attributes.of("body", body));
    return graph.node("ConcatFromSequence", List.of(all), Attributes.of("axis", 0));
  }
}
