package dev.crossencoder.benchmark.checkpoint;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Random weights for speed measurements. Attention is peaked and logits depend on the text, so that
 * errors of a program are visible in the logits. The same name gives the same values.
 */
final class RandomWeights {
  private RandomWeights() {}

  /**
   * Draws a tensor from normal distributions. Embeddings have a standard deviation of 0.5, norms
   * (mean 1) and biases (mean 0) of 0.2. Matrices preserve the magnitude of their input; those of
   * queries and keys double it.
   */
  static float[] draw(String name, List<Integer> shape) {
    int size = shape.stream().reduce(1, Math::multiplyExact);
    boolean vector = shape.size() == 1;
    boolean norm = vector && name.endsWith("LayerNorm.weight");
    double deviation;
    if (vector) {
      deviation = 0.2;
    } else if (name.contains("embedding")) {
      deviation = 0.5;
    } else {
      double gain = name.contains(".query") || name.contains(".key") ? 2 : 1;
      deviation = gain / Math.sqrt(shape.get(1));
    }
    SplittableRandom random = new SplittableRandom(name.hashCode());
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) ((norm ? 1 : 0) + deviation * random.nextGaussian());
    }
    return values;
  }

  /** Multiplies each row of a matrix by its own factor. */
  static void scaleRows(float[] values, double[] scales) {
    int columns = values.length / scales.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * scales[i / columns]);
    }
  }
}
