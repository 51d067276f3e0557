package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.io.ProtobufReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The description of the graph in an ONNX model file. Nothing in the file is executed.
 *
 * @param inputs the inputs by name, without weights
 * @param outputs the outputs by name
 * @param dataFiles the names of the files with external data
 * @param dtype the number format of the weights, a {@link Precision#dtype}; int8 if any weights are
 *     8-bit integers
 */
public record OnnxModelInfo(
    Map<String, Tensor> inputs, Map<String, Tensor> outputs, Set<String> dataFiles, String dtype) {
  private static final int FLOAT16 = 10;

  /**
   * The type of a named tensor.
   *
   * @param type the number of the element type in onnx.proto
   * @param dimensions for each dimension its size, its symbolic name, or an empty text
   * @param shaped whether the file specifies the shape
   */
  public record Tensor(int type, List<String> dimensions, boolean shaped) {}

  /** What has been found in the file so far. */
  private static final class Found {
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Set<String> weights = new HashSet<>();
    private final Set<String> dataFiles = new TreeSet<>();
    private boolean graph;
    private boolean eightBits;
    private boolean half;
  }

  /**
   * Reads a file.
   *
   * @throws InvalidModelException if it is not an ONNX model
   */
  public static OnnxModelInfo read(Path file) throws IOException {
    ProtobufReader model = ProtobufReader.map(file);
    Found found = new Found();
    while (model.next()) {
      if (model.field() == 7) {
        found.graph = true;
        graph(model.message(), found);
      } else {
        model.skip();
      }
    }
    if (!found.graph || found.outputs.isEmpty()) {
      throw new InvalidModelException(
          "Cannot use %s, it is not an ONNX model: it has no graph with outputs.".formatted(file));
    }
    found.weights.forEach(found.inputs::remove);
    Precision precision =
        found.eightBits ? Precision.INT8 : found.half ? Precision.FP16 : Precision.FP32;
    return new OnnxModelInfo(found.inputs, found.outputs, found.dataFiles, precision.dtype());
  }

  private static void graph(ProtobufReader graph, Found found) {
    while (graph.next()) {
      switch (graph.field()) {
        case 5 -> weights(graph.message(), found);
        case 11 -> value(graph.message(), found.inputs);
        case 12 -> value(graph.message(), found.outputs);
        default -> graph.skip();
      }
    }
  }

  private static void weights(ProtobufReader tensor, Found found) {
    int type = 0;
    boolean scalar = true;
    while (tensor.next()) {
      switch (tensor.field()) {
        case 1 -> {
          tensor.skip();
          scalar = false;
        }
        case 2 -> type = tensor.int32();
        case 8 -> found.weights.add(tensor.string());
        case 13 -> dataFile(tensor.message(), found);
        default -> tensor.skip();
      }
    }
    // Zero points are 8-bit scalars and do not count: other models have them too.
    found.eightBits |=
        !scalar && (type == OnnxType.INT8.number() || type == OnnxType.UINT8.number());
    found.half |= !scalar && type == FLOAT16;
  }

  private static void dataFile(ProtobufReader entry, Found found) {
    String key = "";
    String value = "";
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> key = entry.string();
        case 2 -> value = entry.string();
        default -> entry.skip();
      }
    }
    if (key.equals("location")) {
      found.dataFiles.add(value);
    }
  }

  private static void value(ProtobufReader info, Map<String, Tensor> values) {
    String name = "";
    Tensor tensor = new Tensor(0, List.of(), false);
    while (info.next()) {
      switch (info.field()) {
        case 1 -> name = info.string();
        case 2 -> tensor = type(info.message());
        default -> info.skip();
      }
    }
    values.put(name, tensor);
  }

  private static Tensor type(ProtobufReader type) {
    Tensor tensor = new Tensor(0, List.of(), false);
    while (type.next()) {
      if (type.field() == 1) {
        tensor = tensor(type.message());
      } else {
        type.skip();
      }
    }
    return tensor;
  }

  private static Tensor tensor(ProtobufReader tensor) {
    int type = 0;
    boolean shaped = false;
    List<String> dimensions = new ArrayList<>();
    while (tensor.next()) {
      switch (tensor.field()) {
        case 1 -> type = tensor.int32();
        case 2 -> {
          shaped = true;
          shape(tensor.message(), dimensions);
        }
        default -> tensor.skip();
      }
    }
    return new Tensor(type, dimensions, shaped);
  }

  private static void shape(ProtobufReader shape, List<String> dimensions) {
    while (shape.next()) {
      if (shape.field() == 1) {
        dimensions.add(dimension(shape.message()));
      } else {
        shape.skip();
      }
    }
  }

  private static String dimension(ProtobufReader dimension) {
    String size = "";
    while (dimension.next()) {
      switch (dimension.field()) {
        case 1 -> size = String.valueOf(dimension.varint());
        case 2 -> size = dimension.string();
        default -> dimension.skip();
      }
    }
    return size;
  }
}
