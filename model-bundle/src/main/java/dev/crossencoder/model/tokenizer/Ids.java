package dev.crossencoder.model.tokenizer;

import java.util.Arrays;

/** A growing array of token ids. */
final class Ids {
  private int[] values;
  private int size;

  Ids(int capacity) {
    values = new int[capacity];
  }

  int size() {
    return size;
  }

  /** Removes all ids from an index on. */
  void cut(int newSize) {
    size = newSize;
  }

  void add(int id) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = id;
  }

  void addAll(int[] more) {
    if (size + more.length > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * size, size + more.length));
    }
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
