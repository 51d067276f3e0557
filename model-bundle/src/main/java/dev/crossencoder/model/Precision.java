package dev.crossencoder.model;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The number format of a bundle's weights, which is also the format in which a forward pass
 * computes. {@link #FP16} and {@link #BF16} are for GPUs: a CPU is several times slower with them
 * than with {@link #FP32}. {@link #INT8} is for CPUs. Logits are float32 for every precision.
 */
public enum Precision {
  /** IEEE 754 binary32. */
  FP32("float32", "FloatStorage", Float.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putFloat(value);
    }
  },

  /** IEEE 754 binary16: 11 significant bits, largest value 65504. */
  FP16("float16", "HalfStorage", Short.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putShort(floatToHalf(value));
    }
  },

  /** bfloat16: the upper half of binary32, with 8 significant bits and the same range. */
  BF16("bfloat16", "BFloat16Storage", Short.BYTES) {
    @Override
    public void write(float value, ByteBuffer target) {
      target.putShort(floatToBfloat(value));
    }
  },

  /**
   * 8-bit weights in linear layers, binary32 elsewhere: about twice as fast as {@link #FP32} on a
   * CPU, with scores close to those of {@code FP32}.
   */
  INT8("int8", "CharStorage", 1) {
    @Override
    public void write(float value, ByteBuffer target) {
      throw new UnsupportedOperationException("A value in eight bits needs a scale");
    }
  };

  /** Magnitudes from here on are rounded to infinity in binary16. */
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

  /** PyTorch's name of the format, which {@code bundle.json} uses: {@code float32}, … */
  public String dtype() {
    return dtype;
  }

  /** The storage class of such elements in a TorchScript archive. */
  public String storage() {
    return storage;
  }

  /** Whether this is a 16-bit format, with which a CPU is several times slower. */
  public boolean half() {
    return this == FP16 || this == BF16;
  }

  /** The size of an element, in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * Appends a value to a little-endian buffer, rounded to the nearest value of this format, ties to
   * even.
   *
   * @throws UnsupportedOperationException for {@link #INT8}, whose values need a scale
   */
  public abstract void write(float value, ByteBuffer target);

  /** Returns whether a finite value is still finite after rounding to this format. */
  public boolean holds(float value) {
    return this != FP16 || !(Math.abs(value) >= HALF_OVERFLOW) || Float.isInfinite(value);
  }

  /**
   * Returns the precision for a {@link #key}.
   *
   * @throws IllegalArgumentException if there is no such precision
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

  /** Rounds to the nearest binary16, ties to even, and returns its bits. */
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
      // Subnormal: a multiple of 2^-24. The scaling is exact, and rint rounds ties to even.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    // Rounds to nearest, ties to even: adds half of the last kept bit, minus 1 unless that bit is
    // odd. A carry into the exponent gives the right result, up to infinity.
    int magnitudeBits = bits & 0x7fff_ffff;
    int rounded = magnitudeBits + 0xfff + ((magnitudeBits >>> 13) & 1);
    return (short) (sign | ((rounded >>> 13) - (112 << 10)));
  }

  /** Rounds to the nearest bfloat16, ties to even, and returns its bits. */
  public static short floatToBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
