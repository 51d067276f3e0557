package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.io.ProtobufWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Builds an ONNX graph. A method that adds a node returns the name of the node's output, which
 * other nodes take as an input. Names are numbered in the order of the calls, so equal calls give
 * equal bytes. Owned by one thread.
 *
 * <p>Source of field numbers and operators: onnx.proto and Operators.md of github.com/onnx/onnx,
 * ContribOperators.md of github.com/microsoft/onnxruntime.
 */
public final class OnnxGraph {
  /** The domain of ONNX Runtime's own operators. */
  static final String CONTRIB = "com.microsoft";

  /** The name that stands for an omitted optional input. */
  static final String NONE = "";

  private static final int IR_VERSION = 9;
  private static final int OPERATORS_VERSION = 20;
  private static final int CONTRIB_VERSION = 1;
  private static final int EXTERNAL = 1;

  private final OnnxData data;
  private final OnnxGraph outer;
  private final ProtobufWriter graph = new ProtobufWriter();
  private final Set<String> constants = new HashSet<>();
  private int values;

  /** The attributes of a node. */
  public static final class Attributes {
    public static final Attributes NONE = new Attributes();

    private static final int FLOAT = 1;
    private static final int INT = 2;
    private static final int STRING = 3;
    private static final int GRAPH = 5;
    private static final int INTS = 7;

    private final List<ProtobufWriter> all = new ArrayList<>();

    public static Attributes of(String name, long value) {
      return new Attributes().and(name, value);
    }

    public static Attributes of(String name, double value) {
      return new Attributes().and(name, value);
    }

    public static Attributes of(String name, String value) {
      return new Attributes().add(name, STRING, new ProtobufWriter().string(4, value));
    }

    public static Attributes of(String name, OnnxGraph value) {
      return new Attributes().add(name, GRAPH, new ProtobufWriter().message(6, value.graph));
    }

    public static Attributes of(String name, long... values) {
      ProtobufWriter content = new ProtobufWriter();
      for (long value : values) {
        content.varint(8, value);
      }
      return new Attributes().add(name, INTS, content);
    }

    Attributes and(String name, long value) {
      return add(name, INT, new ProtobufWriter().varint(3, value));
    }

    Attributes and(String name, double value) {
      return add(name, FLOAT, new ProtobufWriter().float32(2, (float) value));
    }

    private Attributes add(String name, int type, ProtobufWriter value) {
      all.add(new ProtobufWriter().string(1, name).append(value).varint(20, type));
      return this;
    }
  }

  private OnnxGraph(OnnxData data, OnnxGraph outer, String name) {
    this.data = data;
    this.outer = outer;
    graph.string(2, name);
  }

  /** Creates the graph of a model. Its weights are written to {@code data}. */
  public static OnnxGraph model(OnnxData data) {
    return new OnnxGraph(data, null, "cross-encoder");
  }

  /** Creates the body of a loop, whose nodes can use the values of this graph. */
  OnnxGraph body() {
    return new OnnxGraph(data, this, fresh("body"));
  }

  /** Declares an input. A dimension is a symbolic name; no dimensions mean a scalar. */
  public String input(String name, OnnxType type, String... dimensions) {
    graph.message(11, tensorInfo(name, type, dimensions));
    return name;
  }

  /** Declares an input that is a sequence of tensors. */
  String sequenceInput(String name, OnnxType type) {
    graph.message(11, sequenceInfo(name, type));
    return name;
  }

  /** Declares a value as an output. */
  public void output(String value, OnnxType type, String... dimensions) {
    graph.message(12, tensorInfo(value, type, dimensions));
  }

  /** Declares a sequence of tensors as an output. */
  void sequenceOutput(String value, OnnxType type) {
    graph.message(12, sequenceInfo(value, type));
  }

  /** Adds a node with an ONNX operator. */
  public String node(String operator, List<String> inputs, Attributes attributes) {
    return nodes("", operator, inputs, attributes, 1).get(0);
  }

  /** Adds a node with an ONNX operator and without attributes. */
  public String node(String operator, String... inputs) {
    return node(operator, List.of(inputs), Attributes.NONE);
  }

  /** Adds a node with an operator of ONNX Runtime. */
  String contrib(String operator, List<String> inputs, Attributes attributes) {
    return nodes(CONTRIB, operator, inputs, attributes, 1).get(0);
  }

  /** Adds a node with an operator of ONNX Runtime and several outputs. */
  List<String> contribs(String operator, List<String> inputs, Attributes attributes, int outputs) {
    return nodes(CONTRIB, operator, inputs, attributes, outputs);
  }

  /** Gives a value a fixed name. */
  public String named(String value, String name) {
    write("", "Identity", List.of(value), Attributes.NONE, List.of(name));
    return name;
  }

  private List<String> nodes(
      String domain, String operator, List<String> inputs, Attributes attributes, int count) {
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outputs.add(fresh(operator));
    }
    write(domain, operator, inputs, attributes, outputs);
    return outputs;
  }

  private void write(
      String domain,
      String operator,
      List<String> inputs,
      Attributes attributes,
      List<String> outputs) {
    ProtobufWriter node = new ProtobufWriter();
    inputs.forEach(input -> node.string(1, input));
    outputs.forEach(output -> node.string(2, output));
    node.string(3, outputs.get(0)).string(4, operator);
    attributes.all.forEach(attribute -> node.message(5, attribute));
    if (!domain.isEmpty()) {
      node.string(7, domain);
    }
    graph.message(1, node);
  }

  /** A float32 constant, scalar. */
  String real(double value) {
    byte[] content = bytes(Float.BYTES, buffer -> buffer.putFloat((float) value));
    return constant("float_" + (float) value, OnnxType.FLOAT, content);
  }

  /** An int64 constant, scalar. */
  public String integer(long value) {
    byte[] content = bytes(Long.BYTES, buffer -> buffer.putLong(value));
    return constant("int_" + value, OnnxType.INT64, content);
  }

  /** A uint8 constant, scalar. */
  String unsignedByte(int value) {
    return constant("byte_" + value, OnnxType.UINT8, new byte[] {(byte) value});
  }

  /** The bool constant true, scalar. */
  String truth() {
    return constant("true", OnnxType.BOOL, new byte[] {1});
  }

  /** An int64 constant, vector. */
  public String integers(long... numbers) {
    byte[] content =
        bytes(
            numbers.length * Long.BYTES, buffer -> Arrays.stream(numbers).forEach(buffer::putLong));
    String name = "ints" + Arrays.toString(numbers).replaceAll("[\\[\\], ]+", "_");
    return constant(name, OnnxType.INT64, content, numbers.length);
  }

  private static byte[] bytes(int size, Consumer<ByteBuffer> filling) {
    byte[] bytes = new byte[size];
    filling.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }

  /**
   * Adds an initializer to the outermost graph, once per name; its content is in the graph's file.
   */
  private String constant(String name, OnnxType type, byte[] content, long... shape) {
    if (outer != null) {
      return outer.constant(name, type, content, shape);
    }
    if (constants.add(name)) {
      graph.message(5, tensor(name, type, shape).bytes(9, content));
    }
    return name;
  }

  /** Adds float32 weights as an initializer with external data. */
  public String weights(String name, TensorData values) {
    long[] shape = values.shape().stream().mapToLong(Integer::longValue).toArray();
    try {
      return weights(name, OnnxType.FLOAT, shape, data.append(values));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the weights " + name, e);
    }
  }

  /** Adds int8 weights as an initializer with external data. */
  public String weights(String name, byte[] values, long... shape) {
    try {
      return weights(name, OnnxType.INT8, shape, data.append(values));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the weights " + name, e);
    }
  }

  private String weights(String name, OnnxType type, long[] shape, OnnxData.Place place) {
    if (!constants.add(name)) {
      throw new IllegalArgumentException("Cannot add the weights %s twice".formatted(name));
    }
    graph.message(
        5,
        tensor(name, type, shape)
            .message(13, entry("location", place.file()))
            .message(13, entry("offset", String.valueOf(place.offset())))
            .message(13, entry("length", String.valueOf(place.length())))
            .varint(14, EXTERNAL));
    return name;
  }

  private static ProtobufWriter tensor(String name, OnnxType type, long... shape) {
    ProtobufWriter tensor = new ProtobufWriter();
    for (long dimension : shape) {
      tensor.varint(1, dimension);
    }
    return tensor.varint(2, type.number()).string(8, name);
  }

  private static ProtobufWriter entry(String key, String value) {
    return new ProtobufWriter().string(1, key).string(2, value);
  }

  private static ProtobufWriter tensorInfo(String name, OnnxType type, String... dimensions) {
    ProtobufWriter shape = new ProtobufWriter();
    for (String dimension : dimensions) {
      shape.message(1, new ProtobufWriter().string(2, dimension));
    }
    ProtobufWriter tensor = new ProtobufWriter().varint(1, type.number()).message(2, shape);
    return info(name, new ProtobufWriter().message(1, tensor));
  }

  private static ProtobufWriter sequenceInfo(String name, OnnxType type) {
    ProtobufWriter tensor = new ProtobufWriter().varint(1, type.number());
    ProtobufWriter element = new ProtobufWriter().message(1, tensor);
    return info(name, new ProtobufWriter().message(4, new ProtobufWriter().message(1, element)));
  }

  private static ProtobufWriter info(String name, ProtobufWriter type) {
    return new ProtobufWriter().string(1, name).message(2, type);
  }

  /** Returns a name that is unique in the model. */
  String fresh(String word) {
    return outer == null ? word + "_" + values++ : outer.fresh(word);
  }

  /** Returns the content of {@code model.onnx}: the graph and the versions of the operator sets. */
  public byte[] toModel() {
    return new ProtobufWriter()
        .varint(1, IR_VERSION)
        .string(2, "flink-cross-encoder")
        .message(7, graph)
        .message(8, new ProtobufWriter().string(1, "").varint(2, OPERATORS_VERSION))
        .message(8, new ProtobufWriter().string(1, CONTRIB).varint(2, CONTRIB_VERSION))
        .toBytes();
  }
}
