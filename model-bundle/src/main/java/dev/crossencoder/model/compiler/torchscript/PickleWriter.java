package dev.crossencoder.model.compiler.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes pickle protocol 2, with the opcodes that the object graph of a TorchScript archive needs.
 * Each method pushes one value to the stack, or works on the values on top of the stack.
 *
 * <p>Opcodes: CPython's {@code Lib/pickletools.py}.
 */
final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PickleWriter() {
    op(0x80).op(2);
  }

  /** Pushes a class or function, given by its module and name. */
  PickleWriter global(String module, String name) {
    op('c');
    out.writeBytes((module + '\n' + name + '\n').getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter string(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    op('X');
    out.writeBytes(littleEndian(Integer.BYTES).putInt(utf8.length).array());
    out.writeBytes(utf8);
    return this;
  }

  PickleWriter integer(long value) {
    if (value >= 0 && value < 256) {
      return op('K').op((int) value);
    }
    if (value == (int) value) {
      op('J');
      out.writeBytes(littleEndian(Integer.BYTES).putInt((int) value).array());
      return this;
    }
    op(0x8a).op(Long.BYTES);
    out.writeBytes(littleEndian(Long.BYTES).putLong(value).array());
    return this;
  }

  PickleWriter bool(boolean value) {
    return op(value ? 0x88 : 0x89);
  }

  PickleWriter real(double value) {
    op('G');
    out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
    return this;
  }

  /** Pushes a tuple of integers. */
  PickleWriter integers(List<Integer> values) {
    mark();
    values.forEach(this::integer);
    return tuple();
  }

  /** Pushes a mark for the next {@link #tuple}, {@link #appends} or {@link #setItems}. */
  PickleWriter mark() {
    return op('(');
  }

  /** Replaces all values above the mark by a tuple of them. */
  PickleWriter tuple() {
    return op('t');
  }

  PickleWriter emptyTuple() {
    return op(')');
  }

  PickleWriter emptyList() {
    return op(']');
  }

  PickleWriter emptyDict() {
    return op('}');
  }

  /** Appends all values above the mark to the list below the mark. */
  PickleWriter appends() {
    return op('e');
  }

  /** Adds the keys and values above the mark to the dictionary below the mark. */
  PickleWriter setItems() {
    return op('u');
  }

  /** Replaces a function and the tuple above it by the result of the call. */
  PickleWriter reduce() {
    return op('R');
  }

  /** Replaces a class and the tuple above it by a new object. */
  PickleWriter newObject() {
    return op(0x81);
  }

  /** Sets the state of an object to the value above it. */
  PickleWriter build() {
    return op('b');
  }

  /** Replaces the tuple on top of the stack by the storage that it identifies. */
  PickleWriter persistentId() {
    return op('Q');
  }

  byte[] stop() {
    op('.');
    return out.toByteArray();
  }

  private PickleWriter op(int opcode) {
    out.write(opcode);
    return this;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
