package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;

/**
 * How a graph multiplies tokens with the weights of linear layers. Values are {@code [T, inputs]},
 * weights {@code [outputs, inputs]} as checkpoints have them; no bias is added.
 */
interface OnnxLinear {
  /** What is known of the values of a matrix. */
  enum Range {
    /** Of either sign. */
    ANY(Float.NaN),
    /** What GELU and its approximations give: no less than -0.1700. */
    GELU(0.1701),
    /** What SiLU gives: no less than -0.2785. */
    SILU(0.2786),
    /** What ReLU gives. */
    POSITIVE(0);

    private final double below;

    Range(double below) {
      this.below = below;
    }

    /** How far below zero values reach; NaN if as far as above. */
    double below() {
      return below;
    }

    static Range of(String activation) {
      return switch (activation) {
        case "gelu", "gelu_new", "gelu_pytorch_tanh" -> GELU;
        case "silu" -> SILU;
        case "relu" -> POSITIVE;
        default -> ANY;
      };
    }
  }

  /** Values that are ready to be multiplied with several weights. */
  interface Input {
    /**
     * Multiplies.
     *
     * @param name of the weights, which must be the only ones of this name
     * @return {@code [T, outputs]}
     */
    String times(String name, TensorData weights);
  }

  /** Prepares values {@code [T, inputs]}. */
  Input input(String values, Range range);

  /** In float32. */
  static OnnxLinear floats(OnnxGraph graph) {
    return (values, range) ->
        (name, weights) ->
            graph.node(
                "MatMul",
                List.of(values, graph.weights(name, transposed(weights))),
                Attributes.NONE);
  }

  /** {@code [rows, columns]} to {@code [columns, rows]}. */
  private static TensorData transposed(TensorData matrix) {
    int rows = matrix.shape().get(0);
    int columns = matrix.shape().get(1);
    float[] values = ConstantFolding.values(matrix);
    float[] transposed = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = values[row * columns + column];
      }
    }
    return TensorData.of(transposed, columns, rows);
  }
}
