package dev.crossencoder.model.compiler.tensor;

/**
 * The weights of a linear layer as 8-bit integers, with one scale per output and no zero point:
 * {@code weight[o][i] ≈ value[i][o] * scale[o]}.
 */
public final class Int8Matrix {
  private final int inputs;
  private final int outputs;
  private final byte[] values;
  private final float[] scales;

  private Int8Matrix(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.values = new byte[Math.multiplyExact(inputs, outputs)];
    this.scales = new float[outputs];
  }

  /**
   * Quantizes weights.
   *
   * @param weights {@code [outputs, inputs]}
   * @param max the largest magnitude of a quantized value
   */
  public static Int8Matrix of(TensorData weights, int max) {
    Int8Matrix matrix = new Int8Matrix(weights.shape().get(1), weights.shape().get(0));
    float[] exact = ConstantFolding.values(weights);
    for (int output = 0; output < matrix.outputs; output++) {
      matrix.round(exact, output, max);
    }
    return matrix;
  }

  private void round(float[] exact, int output, int max) {
    int start = output * inputs;
    float largest = 0;
    for (int input = 0; input < inputs; input++) {
      largest = Math.max(largest, Math.abs(exact[start + input]));
    }
    // If all weights of an output are 0, any scale but 0 will do.
    scales[output] = largest == 0 ? 1 : largest / max;
    for (int input = 0; input < inputs; input++) {
      values[input * outputs + output] = (byte) Math.rint(exact[start + input] / scales[output]);
    }
  }

  public int inputs() {
    return inputs;
  }

  public int outputs() {
    return outputs;
  }

  /** The values {@code [inputs, outputs]}, in row-major order; not a copy. */
  public byte[] values() {
    return values;
  }

  /** The scales {@code [outputs]}. */
  public TensorData scales() {
    return TensorData.of(scales, outputs);
  }
}
