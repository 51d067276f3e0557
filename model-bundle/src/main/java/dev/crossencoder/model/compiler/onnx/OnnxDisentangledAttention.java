package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.onnx.OnnxLoop.Sequence;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The disentangled attention of DeBERTa, as in {@code deberta.py}. A relative distance adds a dot
 * product to an attention score. The graph computes the products with the rows of all distances of
 * a sequence, and then selects the right one for each pair of tokens.
 */
final class OnnxDisentangledAttention implements OnnxAttention {
  private final OnnxGraph graph;
  private final OnnxLoop loop;
  private final ProgramModule model;
  private final int heads;
  private final int headSize;
  private final double scale;

  /**
   * The number of positions. Distances range from {@code 1 - positions} to {@code positions - 1}.
   */
  private final int positions;

  private final String longest;
  private final String descending;
  private final String ascending;

  /**
   * @param model the module of {@code deberta.py}, with relative positions
   */
  OnnxDisentangledAttention(OnnxGraph graph, OnnxLoop loop, ProgramModule model, int heads) {
    this.graph = graph;
    this.loop = loop;
    this.model = model;
    this.heads = heads;
    TensorData table =
        Stream.of("position_keys", "position_queries")
            .flatMap(name -> model.tensors(name).stream())
            .findFirst()
            .orElseThrow();
    this.headSize = table.shape().get(2);
    this.scale = model.real("scale");
    List<Integer> rows = model.integers("rows");
    this.positions = (rows.size() + 1) / 2;
    this.longest = loop.longest();
    this.ascending = graph.integers(padded(rows, false));
    this.descending = graph.integers(padded(rows, true));
  }

  /** Repeats the last row, so that a sequence of one token has two rows. */
  private static long[] padded(List<Integer> rows, boolean reversed) {
    long[] padded = new long[rows.size() + 1];
    for (int i = 0; i < rows.size(); i++) {
      padded[i] = rows.get(reversed ? rows.size() - 1 - i : i);
    }
    padded[rows.size()] = padded[rows.size() - 1];
    return padded;
  }

  @Override
  public String all(int layer, String queries, String keys, String values) {
    String from = graph.node("Sub", graph.integers(positions), longest);
    String to = graph.node("Add", graph.integers(positions), longest);
    String positionKeys = positionKeys(layer, window(graph, descending, from, to, 0));
    String positionQueries = positionQueries(layer, window(graph, ascending, from, to, 0));
    return loop.forEachSequence(
        s -> {
          OnnxGraph body = s.body();
          String query = s.tokens(queries);
          String key = s.tokens(keys);
          String scores = OnnxGraph.NONE;
          if (!positionKeys.isEmpty()) {
            scores = distances(s, byHead(body, query), positionKeys);
          }
          if (!positionQueries.isEmpty()) {
            String byKey = distances(s, byHead(body, key), positionQueries);
            String byQuery = body.node("Transpose", List.of(byKey), Attributes.of("perm", 0, 2, 1));
            scores = scores.isEmpty() ? byQuery : body.node("Add", scores, byQuery);
          }
          return attend(body, query, key, s.tokens(values), scores);
        });
  }

  @Override
  public String one(int layer, String queries, String keys, String values) {
    // The first token is at or before every other token: the distances are 0, -1, …
    String from = graph.integers(positions - 1);
    String ahead = window(graph, descending, from, graph.node("Add", from, longest), 0);
    String positionKeys = positionKeys(layer, ahead);
    String positionQueries = positionQueries(layer, ahead);
    return loop.forEachSequence(
        s -> {
          OnnxGraph body = s.body();
          String query = s.row(queries);
          String key = s.tokens(keys);
          String scores = OnnxGraph.NONE;
          if (!positionKeys.isEmpty()) {
            scores = product(body, byHead(body, query), upTo(s, positionKeys));
          }
          if (!positionQueries.isEmpty()) {
            String products = body.node("Mul", byHead(body, key), upTo(s, positionQueries));
            String sums =
                body.node(
                    "ReduceSum", List.of(products, body.integers(2)), Attributes.of("keepdims", 0));
            String byKey = body.node("Unsqueeze", sums, body.integers(1));
            scores = scores.isEmpty() ? byKey : body.node("Add", scores, byKey);
          }
          return attend(body, query, key, s.tokens(values), scores);
        });
  }

  private String attend(OnnxGraph body, String query, String key, String value, String scores) {
    return OnnxAttention.attend(
        body,
        query,
        key,
        value,
        body.node("Unsqueeze", scores, body.integers(0)),
        heads,
        OptionalDouble.of(scale));
  }

  /** The position keys, with the same scale as queries: {@code [heads, rows, head_size]}. */
  private String positionKeys(int layer, String rows) {
    String keys = table("position_keys", layer, rows);
    return keys.isEmpty() ? keys : graph.node("Mul", keys, graph.real(scale));
  }

  /** The position queries, which are already scaled: {@code [heads, rows, head_size]}. */
  private String positionQueries(int layer, String rows) {
    return table("position_queries", layer, rows);
  }

  private String table(String name, int layer, String rows) {
    List<TensorData> tables = model.tensors(name);
    if (tables.isEmpty()) {
      return OnnxGraph.NONE;
    }
    String table = graph.weights("layer_%d_%s".formatted(layer, name), tables.get(layer));
    return graph.node("Gather", List.of(table, rows), Attributes.of("axis", 1));
  }

  private static String window(OnnxGraph body, String rows, String from, String to, int axis) {
    return body.node("Slice", rows, from, to, body.integers(axis));
  }

  /** The first rows of a table, one for each token of the sequence. */
  private static String upTo(Sequence sequence, String table) {
    OnnxGraph body = sequence.body();
    return window(body, table, body.integers(0), sequence.length(), 1);
  }

  /** Splits heads: {@code [length, hidden]} to {@code [heads, length, head_size]}. */
  private String byHead(OnnxGraph body, String rows) {
    String split = body.node("Reshape", rows, body.integers(-1, heads, headSize));
    return body.node("Transpose", List.of(split), Attributes.of("perm", 1, 0, 2));
  }

  /** {@code [heads, m, head_size]} and {@code [heads, k, head_size]} to {@code [heads, m, k]}. */
  private static String product(OnnxGraph body, String left, String right) {
    return body.contrib("FusedMatMul", List.of(left, right), Attributes.of("transB", 1));
  }

  /**
   * The relative shift: {@code [heads, length, head_size]} and a table {@code [heads, 2 * longest,
   * head_size]} to {@code [heads, length, length]}.
   *
   * <p>The product of the tokens with the table has {@code 2 * length} columns, one per distance.
   * For tokens i and j the column is {@code length - 1 - i + j}. If the product is flattened, read
   * from element {@code length - 1} on and reshaped to rows of {@code 2 * length - 1} columns, row
   * i is shifted by i, and this element is in column j.
   */
  private String distances(Sequence sequence, String tokens, String table) {
    OnnxGraph body = sequence.body();
    String length = sequence.length();
    String from = body.node("Sub", longest, length);
    String to = body.node("Add", longest, length);
    String columns = product(body, tokens, window(body, table, from, to, 1));
    String flat = body.node("Reshape", columns, body.integers(heads, -1));
    String offset = body.node("Sub", length, body.integers(1));
    String width = body.node("Add", length, offset);
    String end = body.node("Add", offset, body.node("Mul", length, width));
    String cut = window(body, flat, offset, end, 1);
    String shape =
        body.node("Concat", List.of(body.integers(heads), length, width), Attributes.of("axis", 0));
    return window(body, body.node("Reshape", cut, shape), body.integers(0), length, 2);
  }
}
