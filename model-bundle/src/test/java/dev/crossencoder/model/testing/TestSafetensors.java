package dev.crossencoder.model.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.compiler.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes safetensors files, honest ones and others. */
public final class TestSafetensors {
  private TestSafetensors() {}

  /** A tensor as it lies in a file. */
  public record Tensor(String dtype, List<Integer> shape, byte[] bytes) {
    /** Encodes values that the type can hold exactly as normal numbers or zero. */
    public static Tensor of(TensorType type, List<Integer> shape, float... values) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        int bits = Float.floatToRawIntBits(value);
        switch (type) {
          case F64 -> bytes.putDouble(value);
          case F32 -> bytes.putInt(bits);
          case BF16 -> bytes.putShort((short) (bits >>> 16));
          case F16 -> bytes.putShort(half(bits));
        }
      }
      return new Tensor(type.name(), List.copyOf(shape), bytes.array());
    }

    private static short half(int bits) {
      if (bits << 1 == 0) {
        return (short) (bits >>> 16);
      }
      int sign = (bits >>> 16) & 0x8000;
      int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
      int fraction = (bits >>> 13) & 0x3ff;
      return (short) (sign | (exponent << 10) | fraction);
    }
  }

  /** Writes tensors back to back under the header that they call for. */
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      ObjectNode entry = header.putObject(named.getKey());
      entry.put("dtype", tensor.dtype());
      tensor.shape().forEach(entry.withArrayProperty("shape")::add);
      entry
          .putArray("data_offsets")
          .add(data.size())
          .add(data.size() + (long) tensor.bytes().length);
      if (tensor.shape().isEmpty()) {
        entry.putArray("shape");
      }
      data.writeBytes(tensor.bytes());
    }
    write(file, header.toString(), data.toByteArray());
  }

  /** Writes a header, which may say anything, and data. */
  public static void write(Path file, String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    writeRaw(file, json.length, json, data);
  }

  /** Writes a header under a length that may lie. */
  public static void writeRaw(Path file, long headerLength, byte[] header, byte[] data)
      throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(headerLength).put(header).put(data).array());
  }
}
