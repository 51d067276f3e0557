package dev.crossencoder.model.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory outside the heap that engines read a thread's batches from, one after the other. A buffer
 * for each batch would stay allocated until a garbage collection, of which there are few. Each
 * thread has its own, as large as its largest batch.
 */
final class InputMemory {
  private static final ThreadLocal<ByteBuffer> MEMORY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(0));

  private InputMemory() {}

  /**
   * Copies arrays into the calling thread's memory, in the processor's byte order. What this
   * returned before on the same thread is overwritten.
   *
   * @return one buffer an array, from its start to its end
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
