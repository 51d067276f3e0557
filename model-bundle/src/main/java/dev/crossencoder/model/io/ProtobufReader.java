package dev.crossencoder.model.io;

import dev.crossencoder.model.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads the fields of a protobuf message one by one. A length in the file never leads to a read
 * outside of the message: an {@link InvalidModelException} names the file and the offset. Not
 * thread-safe.
 *
 * <pre>{@code
 * while (reader.next()) {
 *   switch (reader.field()) {
 *     case 1 -> name = reader.string();
 *     default -> reader.skip();
 *   }
 * }
 * }</pre>
 *
 * <p>Source: the wire format of protobuf, protobuf.dev/programming-guides/encoding.
 */
public final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int TAG_TYPE_BITS = 3;
  private static final int TAG_TYPE_MASK = 7;
  private static final int VARINT_BITS = 7;
  private static final int MAX_VARINT_SHIFT = 63;

  private final Path file;
  private final ByteBuffer bytes;
  private int fieldOffset;
  private int field;
  private int wireType;

  private ProtobufReader(Path file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /** Creates a reader of a message that is a whole file. */
  public static ProtobufReader of(Path file, byte[] content) {
    return new ProtobufReader(file, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Creates a reader of a message that is a whole file. The file is memory-mapped.
   *
   * @throws InvalidModelException if the file is larger than 2 GiB, the limit of a message
   */
  public static ProtobufReader map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new InvalidModelException(
            "Cannot read %s, it has %d bytes, and no protobuf message has more than %d."
                .formatted(file, channel.size(), Integer.MAX_VALUE));
      }
      ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return new ProtobufReader(file, content.order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  /**
   * Moves to the next field, whose value must then be read or skipped.
   *
   * @return false at the end of the message
   */
  public boolean next() {
    if (!bytes.hasRemaining()) {
      return false;
    }
    fieldOffset = bytes.position();
    long tag = readVarint();
    wireType = (int) (tag & TAG_TYPE_MASK);
    long number = tag >>> TAG_TYPE_BITS;
    if (number <= 0 || number > Integer.MAX_VALUE) {
      throw invalid("it has the field number " + number);
    }
    field = (int) number;
    return true;
  }

  /** The number of the current field. */
  public int field() {
    return field;
  }

  /** The offset of the current field in the file. */
  public int offset() {
    return fieldOffset;
  }

  public long varint() {
    expect(VARINT);
    return readVarint();
  }

  /** Reads an {@code int32} or {@code enum}; a negative one is encoded in 64 bits. */
  public int int32() {
    return (int) varint();
  }

  boolean bool() {
    return varint() != 0;
  }

  public float float32() {
    expect(FIXED_32);
    require(Float.BYTES);
    return bytes.getFloat();
  }

  public String string() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(slice()).toString();
    } catch (CharacterCodingException e) {
      throw invalid("it is not UTF-8");
    }
  }

  public byte[] bytes() {
    ByteBuffer slice = slice();
    byte[] copy = new byte[slice.remaining()];
    slice.get(copy);
    return copy;
  }

  /** Reads the current field as a message. Errors in it still name offsets in the file. */
  public ProtobufReader message() {
    return new ProtobufReader(file, slice());
  }

  public void skip() {
    switch (wireType) {
      case VARINT -> readVarint();
      case FIXED_64 -> advance(Long.BYTES);
      case LENGTH -> slice();
      case FIXED_32 -> advance(Integer.BYTES);
      default -> throw invalid("it has the wire type " + wireType);
    }
  }

  private void advance(int size) {
    require(size);
    bytes.position(bytes.position() + size);
  }

  /** The bytes of the current field, as a view whose positions are offsets in the file. */
  private ByteBuffer slice() {
    expect(LENGTH);
    long length = readVarint();
    if (length < 0 || length > bytes.remaining()) {
      throw invalid(
          "it says that it has %s bytes, %d are left"
              .formatted(Long.toUnsignedString(length), bytes.remaining()));
    }
    ByteBuffer slice = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    slice.limit(bytes.position() + (int) length);
    bytes.position(slice.limit());
    return slice;
  }

  private long readVarint() {
    long value = 0;
    for (int shift = 0; shift <= MAX_VARINT_SHIFT; shift += VARINT_BITS) {
      require(1);
      byte part = bytes.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw invalid("it has a number of more than 64 bits");
  }

  private void require(int size) {
    if (bytes.remaining() < size) {
      throw invalid("it ends too early");
    }
  }

  private void expect(int type) {
    if (wireType != type) {
      throw invalid(
          "field %d has the wire type %d where %d is expected".formatted(field, wireType, type));
    }
  }

  private InvalidModelException invalid(String reason) {
    return new InvalidModelException(
        "Cannot read %s, the field at offset %d is damaged: %s."
            .formatted(file, fieldOffset, reason));
  }
}
