package dev.crossencoder.benchmark;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Weights for speed measurements in which a wrong program shows all the same: peaked attention, and
 * logits that depend on the text. The same name gives the same values.
 */
final class RandomWeights {
  private RandomWeights() {}

  /**
   * Draws a tensor from normal distributions: embeddings with a deviation of 0.5, norms around 1
   * and biases around 0 with 0.2, matrices so that they keep the size of their input, and those of
   * queries and keys twice that.
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

  /** Multiplies each row of a matrix by a number of its own. */
  static void scaleRows(float[] values, double[] scales) {
    int columns = values.length / scales.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * scales[i / columns]);
    }
  }
}
