package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.onnx.OnnxGraph.Attributes;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;

/**
 * Writes the matrix products of linear layers as nodes of a graph. Values are {@code [T, inputs]},
 * weights are {@code [outputs, inputs]} as in checkpoints. No bias is added.
 */
interface OnnxLinear {
  /** The known range of values, which depends on the activation function that computed them. */
  enum Range {
    /** Positive and negative values alike. */
    ANY(Float.NaN),
    /** Outputs of GELU and its approximations: at least -0.1700. */
    GELU(0.1701),
    /** Outputs of SiLU: at least -0.2785. */
    SILU(0.2786),
    /** Outputs of ReLU: at least 0. */
    POSITIVE(0);

    private final double below;

    Range(double below) {
      this.below = below;
    }

    /** The largest magnitude of negative values; NaN if it is not limited. */
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

  /** Values prepared for products with several weights. */
  interface Input {
    /**
     * Adds a matrix product.
     *
     * @param name a unique name for the weights
     * @return {@code [T, outputs]}
     */
    String times(String name, TensorData weights);
  }

  /** Prepares values {@code [T, inputs]} for products. */
  Input input(String values, Range range);

  /** Products in float32. */
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
