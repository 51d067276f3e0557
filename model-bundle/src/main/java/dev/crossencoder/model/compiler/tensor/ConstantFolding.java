package dev.crossencoder.model.compiler.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;

/**
 * Computes at compile time what does not depend on the input. It computes in double precision and
 * rounds once, so the results are closer to the exact values than those of a forward pass.
 */
public final class ConstantFolding {
  private ConstantFolding() {}

  /** The elements of a tensor. */
  public static float[] values(TensorData tensor) {
    try {
      return tensor.toArray();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a tensor of shape " + tensor.shape(), e);
    }
  }

  /** Layer norm of each row: {@code (x - mean) / sqrt(variance + eps) * weight + bias}. */
  public static float[] layerNorm(float[] rows, float[] weight, float[] bias, double eps) {
    int width = weight.length;
    float[] normalized = new float[rows.length];
    for (int start = 0; start < rows.length; start += width) {
      double mean = 0;
      for (int i = 0; i < width; i++) {
        mean += rows[start + i];
      }
      mean /= width;
      double variance = 0;
      for (int i = 0; i < width; i++) {
        variance += (rows[start + i] - mean) * (rows[start + i] - mean);
      }
      double scale = 1 / Math.sqrt(variance / width + eps);
      for (int i = 0; i < width; i++) {
        normalized[start + i] = (float) ((rows[start + i] - mean) * scale * weight[i] + bias[i]);
      }
    }
    return normalized;
  }

  /**
   * Projects rows and splits the result by head: {@code (rows · weightᵀ + bias) * scale}.
   *
   * @param rows {@code [n, hidden]}
   * @param weight {@code [hidden, hidden]}
   * @param bias {@code [hidden]}
   * @return {@code [heads, n, hidden / heads]}
   */
  public static float[] projectByHead(
      float[] rows, float[] weight, float[] bias, double scale, int heads) {
    int hidden = bias.length;
    int count = rows.length / hidden;
    int headSize = hidden / heads;
    // The transposed weights let the inner loop read consecutive elements.
    float[] byInput = new float[weight.length];
    for (int out = 0; out < hidden; out++) {
      for (int in = 0; in < hidden; in++) {
        byInput[in * hidden + out] = weight[out * hidden + in];
      }
    }
    float[] projected = new float[rows.length];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            row -> {
              double[] sums = new double[hidden];
              for (int in = 0; in < hidden; in++) {
                double value = rows[row * hidden + in];
                int start = in * hidden;
                for (int out = 0; out < hidden; out++) {
                  sums[out] += value * byInput[start + out];
                }
              }
              for (int out = 0; out < hidden; out++) {
                int head = out / headSize;
                projected[(head * count + row) * headSize + out % headSize] =
                    (float) ((sums[out] + bias[out]) * scale);
              }
            });
    return projected;
  }
}
