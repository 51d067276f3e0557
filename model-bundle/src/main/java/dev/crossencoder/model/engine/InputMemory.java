package dev.crossencoder.model.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Direct buffers from which engines read their input tensors. Each thread has one buffer, as large
 * as its largest batch, and reuses it for every batch: a direct buffer per batch would stay
 * allocated until the next garbage collection, which can be far away.
 */
final class InputMemory {
  private static final ThreadLocal<ByteBuffer> MEMORY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(0));

  private InputMemory() {}

  /**
   * Copies arrays into the calling thread's buffer, in native byte order. The copy overwrites what
   * earlier calls on the same thread returned.
   *
   * @return one buffer for each array, with position 0
   */
  static List<ByteBuffer> copy(List<long[]> arrays) {
    int bytes = 0;
    for (long[] array : arrays) {
      bytes = Math.addExact(bytes, Math.multiplyExact(array.length, Long.BYTES));
    }
    ByteBuffer memory = MEMORY.get();
    if (memory.capacity() < bytes) {
      memory = ByteBuffer.allocateDirect(bytes);
      MEMORY.set(memory);
    }
    List<ByteBuffer> copies = new ArrayList<>(arrays.size());
    int start = 0;
    for (long[] array : arrays) {
      int length = array.length * Long.BYTES;
      ByteBuffer copy = memory.slice(start, length).order(ByteOrder.nativeOrder());
      LongBuffer values = copy.asLongBuffer();
      values.put(array);
      copies.add(copy);
      start += length;
    }
    return copies;
  }
}
