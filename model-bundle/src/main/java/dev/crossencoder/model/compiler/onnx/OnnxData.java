package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.compiler.tensor.TensorData;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file with a model's weights, which ONNX calls external data. It is separate from the graph
 * because a protobuf message is limited to 2 GB, and because ONNX Runtime can memory-map it. Owned
 * by one thread.
 */
public final class OnnxData implements AutoCloseable {
  /** The alignment of tensors in bytes, a multiple of the size of SIMD registers. */
  private static final int ALIGNMENT = 64;

  private static final int CHUNK_FLOATS = 1 << 14;

  private final String name;
  private final OutputStream out;
  private long position;

  /** The position of a tensor: file name, offset and length in bytes. */
  record Place(String file, long offset, long length) {}

  private OnnxData(String name, OutputStream out) {
    this.name = name;
    this.out = out;
  }

  /** Creates the file, or replaces it. */
  public static OnnxData create(Path file) throws IOException {
    return new OnnxData(
        file.getFileName().toString(),
        new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
  }

  /** Appends a tensor of bytes. */
  Place append(byte[] values) throws IOException {
    align();
    out.write(values);
    return placed(values.length);
  }

  /** Appends a tensor of floats. */
  Place append(TensorData values) throws IOException {
    align();
    ByteBuffer buffer =
        ByteBuffer.allocate(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    values.readTo(
        (chunk, length) -> {
          for (int i = 0; i < length; i++) {
            buffer.putFloat(chunk[i]);
            if (!buffer.hasRemaining() || i == length - 1) {
              out.write(buffer.array(), 0, buffer.position());
              buffer.clear();
            }
          }
        });
    return placed(Math.multiplyExact(values.size(), (long) Float.BYTES));
  }

  private Place placed(long length) {
    Place place = new Place(name, position, length);
    position += length;
    return place;
  }

  private void align() throws IOException {
    while (position % ALIGNMENT != 0) {
      out.write(0);
      position++;
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
