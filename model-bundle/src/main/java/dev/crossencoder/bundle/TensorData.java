package dev.crossencoder.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** A float32 tensor that can be streamed more than once without being held in memory. */
interface TensorData {
  List<Integer> shape();

  /** Writes all elements in row-major order, little-endian. */
  void writeTo(OutputStream out) throws IOException;

  /** The number of elements. */
  default long size() {
    return shape().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** Joins tensors along their first dimension; the others must be equal. */
  static TensorData concat(List<TensorData> parts) {
    List<Integer> first = parts.get(0).shape();
    int rows = 0;
    for (TensorData part : parts) {
      if (!part.shape().subList(1, part.shape().size()).equals(first.subList(1, first.size()))) {
        throw new IllegalArgumentException(
            "Cannot join tensors of shapes %s and %s".formatted(first, part.shape()));
      }
      rows = Math.addExact(rows, part.shape().get(0));
    }
    List<Integer> shape = new ArrayList<>(first);
    shape.set(0, rows);
    return new Concatenation(List.copyOf(shape), List.copyOf(parts));
  }

  /** Tensors whose bytes follow each other. */
  record Concatenation(List<Integer> shape, List<TensorData> parts) implements TensorData {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      for (TensorData part : parts) {
        part.writeTo(out);
      }
    }
  }
}
