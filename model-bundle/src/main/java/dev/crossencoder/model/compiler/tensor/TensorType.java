package dev.crossencoder.model.compiler.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The supported element types of weights in checkpoints, all little-endian. Elements are converted
 * to the nearest float32, as in transformers.
 */
public enum TensorType {
  F64(8) {
    @Override
    float read(ByteBuffer source) {
      return (float) source.getDouble();
    }
  },
  F32(4) {
    @Override
    float read(ByteBuffer source) {
      return source.getFloat();
    }
  },
  F16(2) {
    @Override
    float read(ByteBuffer source) {
      return halfToFloat(source.getShort());
    }
  },
  BF16(2) {
    @Override
    float read(ByteBuffer source) {
      return Float.intBitsToFloat(source.getShort() << 16);
    }
  };

  private final int bytes;

  TensorType(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }

  /** Reads the next element of a little-endian buffer. */
  abstract float read(ByteBuffer source);

  static Optional<TensorType> find(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** Converts IEEE 754 binary16 to binary32, exactly. */
  public static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f80_0000 | fraction << 13);
    }
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
  }
}
