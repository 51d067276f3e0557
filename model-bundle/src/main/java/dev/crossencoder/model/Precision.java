package dev.crossencoder.model;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The number format of a bundle's weights, in which a forward pass computes. The half precisions
 * are for GPUs: a CPU computes with them several times slower than with {@link #FP32}. {@link
 * #INT8} is for CPUs. Logits are float32 whatever the precision.
 */
public enum Precision {
  /** IEEE 754 binary32. */
  FP32("float32", "FloatStorage", Float.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putFloat(value);
    }
  },

  /** IEEE 754 binary16: 11 significant bits, up to 65504. */
  FP16("float16", "HalfStorage", Short.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putShort(floatToHalf(value));
    }
  },

  /** bfloat16: the upper half of binary32, 8 significant bits with its whole range. */
  BF16("bfloat16", "BFloat16Storage", Short.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putShort(floatToBfloat(value));
    }
  },

  /**
   * Linear layers in eight bits, the rest in binary32: about twice as fast as {@link #FP32} on a
   * CPU, and close to its scores.
   */
  INT8("int8", "CharStorage", 1) {
    @Override
    public void write(float value, ByteBuffer target) {
      throw new UnsupportedOperationException("A value in eight bits needs a scale");
    }
  };

  /** From here on binary16 rounds to infinity. */
  private static final float HALF_OVERFLOW = 65520;

  private final String dtype;
  private final String storage;
  private final int bytes;

  Precision(String dtype, String storage, int bytes) {
    this.dtype = dtype;
    this.storage = storage;
    this.bytes = bytes;
  }

  /** The name in options: {@code fp32}, {@code fp16}, {@code bf16}, {@code int8}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** PyTorch's name, which {@code bundle.json} uses: {@code float32}, … */
  public String dtype() {
    return dtype;
  }

  /** The class that stands for such elements in a TorchScript archive. */
  public String storage() {
    return storage;
  }

  /** Whether a CPU computes with it several times slower than with {@link #FP32}. */
  public boolean half() {
    return this == FP16 || this == BF16;
  }

  /** The size of an element. */
  public int bytes() {
    return bytes;
  }

  /** Appends a value, rounded to the nearest, ties to even, to a little-endian buffer. */
  public abstract void write(float value, ByteBuffer target);

  /** Whether a finite value stays finite. */
  public boolean holds(float value) {
    return this != FP16 || !(Math.abs(value) >= HALF_OVERFLOW) || Float.isInfinite(value);
  }

  /**
   * Returns the precision with a name as {@link #key} gives it.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Precision parse(String key) {
    return Arrays.stream(values())
        .filter(precision -> precision.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid precision: %s. It must be one of %s."
                        .formatted(
                            key,
                            Arrays.stream(values())
                                .map(Precision::key)
                                .collect(Collectors.joining(", ")))));
  }

  public static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x1p16f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      // Subnormal: a count of 2^-24, exact after the scaling; rint rounds ties to even.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    // Adding half of the last kept bit, less one unless that bit is odd, rounds ties to even; the
    // carry may run into the exponent, which is right, up to infinity.
    int magnitudeBits = bits & 0x7fff_ffff;
    int rounded = magnitudeBits + 0xfff + ((magnitudeBits >>> 13) & 1);
    return (short) (sign | ((rounded >>> 13) - (112 << 10)));
  }

  public static short floatToBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
