package dev.crossencoder.model.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes the fields of a protobuf message, in the order of the calls. Equal calls give equal bytes.
 * Not thread-safe. {@link ProtobufReader} reads such messages.
 *
 * <p>Source: the wire format of protobuf, protobuf.dev/programming-guides/encoding.
 */
public final class ProtobufWriter {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int TAG_TYPE_BITS = 3;
  private static final int VARINT_BITS = 7;
  private static final int VARINT_MASK = 0x7F;
  private static final int VARINT_CONTINUES = 0x80;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Writes an {@code int64}, {@code int32}, {@code bool} or {@code enum}. */
  public ProtobufWriter varint(int field, long value) {
    tag(field, VARINT);
    raw(value);
    return this;
  }

  public ProtobufWriter float32(int field, float value) {
    tag(field, FIXED_32);
    byte[] content = new byte[Float.BYTES];
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
    bytes.writeBytes(content);
    return this;
  }

  public ProtobufWriter string(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public ProtobufWriter bytes(int field, byte[] value) {
    tag(field, LENGTH);
    raw(value.length);
    bytes.writeBytes(value);
    return this;
  }

  public ProtobufWriter message(int field, ProtobufWriter value) {
    return bytes(field, value.toBytes());
  }

  /** Writes all fields of another writer as fields of this message. */
  public ProtobufWriter append(ProtobufWriter fields) {
    bytes.writeBytes(fields.toBytes());
    return this;
  }

  public byte[] toBytes() {
    return bytes.toByteArray();
  }

  private void tag(int field, int type) {
    raw((long) field << TAG_TYPE_BITS | type);
  }

  private void raw(long value) {
    long rest = value;
    while ((rest & ~VARINT_MASK) != 0) {
      bytes.write((int) (rest & VARINT_MASK) | VARINT_CONTINUES);
      rest >>>= VARINT_BITS;
    }
    bytes.write((int) rest);
  }
}
