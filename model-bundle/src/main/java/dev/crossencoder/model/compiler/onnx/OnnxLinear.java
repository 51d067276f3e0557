package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;

/**
 * Writes linear layers as nodes of a graph. Values are {@code [T, inputs]}, weights are {@code
 * [outputs, inputs]} as in checkpoints.
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

  /** Values prepared for several linear layers. */
  interface Input {
    /**
     * Adds a linear layer without a bias.
     *
     * @param name a unique name for the layer; its weights are named {@code <name>_weight}
     * @return {@code [T, outputs]}
     */
    String times(String name, TensorData weights);

    /**
     * Adds a linear layer.
     *
     * @param name as in {@link #times}; the bias is named {@code <name>_bias}
     * @param bias {@code [outputs]}
     * @return {@code [T, outputs]}
     */
    String linear(String name, TensorData weights, TensorData bias);
  }

  /** Prepares values {@code [T, inputs]} for linear layers. */
  Input input(String values, Range range);

  /**
   * Linear layers in float32. {@code Gemm} starts its sums with the bias. A {@code MatMul} and an
   * {@code Add} need another pass over the result, because ONNX Runtime fuses them only where it
   * knows the shapes, and behind a {@code Loop} it does not.
   */
  static OnnxLinear floats(OnnxGraph graph) {
    return (values, range) ->
        new Input() {
          @Override
          public String times(String name, TensorData weights) {
            return graph.node("MatMul", values, weights(name, weights));
          }

          @Override
          public String linear(String name, TensorData weights, TensorData bias) {
            return graph.node(
                "Gemm", values, weights(name, weights), graph.weights(name + "_bias", bias));
          }

          private String weights(String name, TensorData weights) {
            return graph.weights(name + "_weight", transposed(weights));
          }
        };
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
