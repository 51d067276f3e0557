package dev.crossencoder.model.compiler.tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor of floats in row-major order. It can be read several times, in chunks, and need not be
 * in memory.
 */
public interface TensorData {
  List<Integer> shape();

  /** Passes all elements to the sink, in order. */
  void readTo(Sink sink) throws IOException;

  /**
   * Receives the next elements of a tensor, the first {@code length} ones of {@code values}. The
   * array is reused and must not be kept.
   */
  @FunctionalInterface
  interface Sink {
    void accept(float[] values, int length) throws IOException;
  }

  /** The number of elements. */
  default long size() {
    return shape().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** Reads all elements into memory. */
  default float[] toArray() throws IOException {
    float[] all = new float[Math.toIntExact(size())];
    int[] position = {0};
    readTo(
        (values, length) -> {
          System.arraycopy(values, 0, all, position[0], length);
          position[0] += length;
        });
    return all;
  }

  /** A tensor of elements in memory, which are not copied. */
  static TensorData of(float[] values, Integer... shape) {
    TensorData tensor = new Values(List.of(shape), values);
    if (tensor.size() != values.length) {
      throw new IllegalArgumentException(
          "Cannot give %d values the shape %s".formatted(values.length, tensor.shape()));
    }
    return tensor;
  }

  /** A tensor whose elements are computed on the first read. Owned by one thread. */
  static TensorData computed(Supplier<float[]> values, Integer... shape) {
    return new Computed(List.of(shape), values);
  }

  /** A vector of zeros, the bias of a layer without one. It is allocated on the first read. */
  static TensorData zeros(int size) {
    return computed(() -> new float[size], size);
  }

  /** Concatenates tensors along the first dimension. The other dimensions must be equal. */
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

  /** A slice of the first dimension. */
  static TensorData rows(TensorData whole, int start, int count) {
    List<Integer> shape = new ArrayList<>(whole.shape());
    if (start < 0 || count < 0 || start + count > shape.get(0)) {
      throw new IllegalArgumentException(
          "Cannot take %d rows from %d on of a tensor of shape %s".formatted(count, start, shape));
    }
    shape.set(0, count);
    return new Rows(List.copyOf(shape), whole, start);
  }

  /** Elements in memory. */
  record Values(List<Integer> shape, float[] values) implements TensorData {
    @Override
    public void readTo(Sink sink) throws IOException {
      sink.accept(values, values.length);
    }
  }

  /** Elements that are computed on the first read. Owned by one thread. */
  final class Computed implements TensorData {
    private final List<Integer> shape;
    private final Supplier<float[]> supplier;
    private float[] values;

    Computed(List<Integer> shape, Supplier<float[]> supplier) {
      this.shape = shape;
      this.supplier = supplier;
    }

    @Override
    public List<Integer> shape() {
      return shape;
    }

    @Override
    public void readTo(Sink sink) throws IOException {
      if (values == null) {
        values = supplier.get();
      }
      sink.accept(values, values.length);
    }
  }

  /** Tensors one after the other. */
  record Concatenation(List<Integer> shape, List<TensorData> parts) implements TensorData {
    @Override
    public void readTo(Sink sink) throws IOException {
      for (TensorData part : parts) {
        part.readTo(sink);
      }
    }
  }

  /** A slice of a tensor. Each read reads the whole tensor. */
  record Rows(List<Integer> shape, TensorData whole, int start) implements TensorData {
    @Override
    public void readTo(Sink sink) throws IOException {
      long width = whole.size() / whole.shape().get(0);
      float[] part = new float[Math.toIntExact(size())];
      long first = start * width;
      long[] position = {0};
      whole.readTo(
          (values, length) -> {
            long from = Math.max(first, position[0]);
            long to = Math.min(first + part.length, position[0] + length);
            if (from < to) {
              System.arraycopy(
                  values,
                  (int) (from - position[0]),
                  part,
                  (int) (from - first),
                  (int) (to - from));
            }
            position[0] += length;
          });
      sink.accept(part, part.length);
    }
  }
}
