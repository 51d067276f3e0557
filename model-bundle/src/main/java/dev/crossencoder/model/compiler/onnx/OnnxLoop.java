package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import java.util.List;

/** What a graph computes for each sequence of a packed batch by itself. */
final class OnnxLoop {
  private final OnnxGraph graph;
  private final String offsets;
  private final String starts;
  private final String count;

  /** The sequence that the loop is at; what it is computed with belongs to the loop's body. */
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

    /** The rows of the sequence's tokens: {@code [T, width]} to {@code [length, width]}. */
    String tokens(String rows) {
      return body.node("Slice", rows, start, end, body.integers(0));
    }

    /** The sequence's own row: {@code [n, width]} to {@code [1, width]}. */
    String own(String rows) {
      return body.node("Slice", rows, index, next, body.integers(0));
    }
  }

  /** Computes the rows of one sequence. */
  @FunctionalInterface
  interface Step {
    /** {@code [any, width]} */
    String rows(Sequence sequence);
  }

  /**
   * Creates one.
   *
   * @param offsets {@code [n + 1]}
   */
  OnnxLoop(OnnxGraph graph, String offsets) {
    this.graph = graph;
    this.offsets = offsets;
    this.starts =
        graph.node("Slice", offsets, graph.integers(0), graph.integers(-1), graph.integers(0));
    this.count = graph.node("Squeeze", graph.node("Shape", starts), graph.integers(0));
  }

  /** Where each sequence starts, {@code [n]}. */
  String starts() {
    return starts;
  }

  /** Where the last token of each sequence is, {@code [n]}. */
  String lasts() {
    return graph.node("Sub", ends(), graph.integers(1));
  }

  /** The tokens of the longest sequence, {@code [1]}. */
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

  /** The rows of all sequences, one after the other. */
  String over(Step step) {
    return repeat(graph, count, (body, number) -> step.rows(new Sequence(body, number, offsets)));
  }

  /** Computes rows in the body of a loop, of the number of the turn, a scalar from 0 on. */
  @FunctionalInterface
  interface Turn {
    /** {@code [any, width]} */
    String rows(OnnxGraph body, String number);
  }

  /**
   * The rows of all turns of a loop, one after the other.
   *
   * @param count the number of turns, a scalar
   */
  static String repeat(OnnxGraph graph, String count, Turn turn) {
    OnnxGraph body = graph.body();
    String number = body.input(graph.fresh("step"), OnnxType.INT64);
    String condition = body.input(graph.fresh("condition"), OnnxType.BOOL);
    String before = body.sequenceInput(graph.fresh("before"), OnnxType.FLOAT);
    String rows = turn.rows(body, number);
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
