package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.tensor.Int8Matrix;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Linear layers with dynamic quantization to 8 bits: {@code x · wᵀ ≈ (q(x) · q(w)ᵀ) * scale of the
 * token * scale of the output}.
 *
 * <p>Each token has its own scale, which is computed in the forward pass. Therefore the score of a
 * pair does not depend on the other pairs of the batch. With the more common scale for the whole
 * tensor it would, and results would be less exact. Each output has a scale too, which is computed
 * at compile time.
 *
 * <p>Weights use 7 bits. Processors with AVX2 but without VNNI multiply unsigned by signed bytes
 * and add two products in 16 bits with saturation: 2 · 255 · 64 = 32640 fits, and 2 · 255 · 127
 * would not. With 7 bits all processors compute the same sums.
 */
final class Int8Linear implements OnnxLinear {
  /** The largest magnitude of a weight. */
  private static final int MAX_WEIGHT = 64;

  private static final int MAX_BYTE = 255;
  private static final int ZERO_OF_ANY = 128;

  /** The zero point for GELU and SiLU. It leaves 239 steps above zero and 16 below. */
  private static final int ZERO_OF_ACTIVATION = 16;

  /** The smallest scale. It prevents a division by zero for a token of zeros. */
  private static final double MIN_SCALE = 1e-20;

  private final OnnxGraph graph;
  private final String tokens;
  private final Map<Integer, String> zerosByToken = new HashMap<>();

  /**
   * @param tokens a value with one element per token
   */
  Int8Linear(OnnxGraph graph, String tokens) {
    this.graph = graph;
    this.tokens = tokens;
  }

  @Override
  public Input input(String values, Range range) {
    int zero = zero(range);
    String scale = scale(values, range, zero);
    String zeros = zerosByToken.computeIfAbsent(zero, this::zeros);
    String quantized =
        graph.node("QuantizeLinear", List.of(values, scale, zeros), Attributes.of("axis", 0));
    String scaleByToken = graph.node("Unsqueeze", scale, graph.integers(1));
    return new Input() {
      @Override
      public String times(String name, TensorData weights) {
        Int8Matrix matrix = Int8Matrix.of(weights, MAX_WEIGHT);
        String product =
            graph.contrib(
                "MatMulIntegerToFloat",
                List.of(
                    quantized,
                    graph.weights(
                        name + "_weight", matrix.values(), matrix.inputs(), matrix.outputs()),
                    graph.real(1),
                    graph.weights(name + "_weight_scale", matrix.scales()),
                    graph.unsignedByte(zero)),
                Attributes.NONE);
        return graph.node("Mul", product, scaleByToken);
      }

      @Override
      public String linear(String name, TensorData weights, TensorData bias) {
        return graph.node("Add", times(name, weights), graph.weights(name + "_bias", bias));
      }
    };
  }

  /** The zero point of each token, which {@code QuantizeLinear} requires. */
  private String zeros(int zero) {
    return graph.node("Expand", graph.unsignedByte(zero), graph.node("Shape", tokens));
  }

  private static int zero(Range range) {
    return switch (range) {
      case ANY -> ZERO_OF_ANY;
      case GELU, SILU -> ZERO_OF_ACTIVATION;
      case POSITIVE -> 0;
    };
  }

  /** The scale of each token, {@code [T]}. */
  private String scale(String values, Range range, int zero) {
    String largest = reduce("ReduceMax", values);
    double smallest = MIN_SCALE;
    if (range == Range.ANY) {
      largest = graph.node("Max", largest, graph.node("Neg", reduce("ReduceMin", values)));
    } else if (zero > 0) {
      smallest = range.below() / zero;
    }
    int steps = range == Range.ANY ? MAX_BYTE - ZERO_OF_ANY : MAX_BYTE - zero;
    return graph.node(
        "Max", graph.node("Mul", largest, graph.real(1.0 / steps)), graph.real(smallest));
  }

  private String reduce(String operator, String values) {
    return graph.node(operator, List.of(values, graph.integers(-1)), Attributes.of("keepdims", 0));
  }
}
