package dev.crossencoder.model.compiler.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTypeTest {
  @Test
  void everyHalfHasTheValueThatTheStandardGivesIt() {
    for (int half = 0; half <= 0xffff; half++) {
      float actual = TensorType.halfToFloat((short) half);
      float expected = half(half);
      // The bits tell the two zeros apart; NaNs have many.
      if (Float.floatToIntBits(actual) != Float.floatToIntBits(expected)) {
        assertThat(actual).as("half %04x", half).isEqualTo(Float.valueOf(expected));
      }
    }
  }

  /** The definition of IEEE 754 binary16, in double precision. */
  private static float half(int bits) {
    int exponent = bits / 1024 % 32;
    double fraction = bits % 1024 / 1024.0;
    double magnitude;
    if (exponent == 31) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      magnitude = fraction * Math.pow(2, -14);
    } else {
      magnitude = (1 + fraction) * Math.pow(2, exponent - 15);
    }
    return (float) (bits >= 0x8000 ? -magnitude : magnitude);
  }

  @ParameterizedTest
  @CsvSource({
    "0x3c00, 1",
    "0xc000, -2",
    "0x7bff, 65504",
    "0x0400, 6.103515625e-5",
    "0x0001, 5.960464477539063e-8",
    "0x83ff, -6.097555160522461e-5",
    "0x7c00, Infinity",
    "0xfc00, -Infinity",
    "0x7e00, NaN"
  })
  void aHalfIsReadExactly(int bits, float expected) {
    assertThat(TensorType.F16.read(buffer((short) bits))).isEqualTo(Float.valueOf(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "0x3f80, 1",
    "0xc000, -2",
    "0x3e4d, 0.2001953125",
    "0x0080, 1.1754943508222875e-38",
    "0x0001, 9.183549615799121e-41",
    "0x7f80, Infinity",
    "0xff80, -Infinity",
    "0x7fc0, NaN"
  })
  void aBfloatIsReadExactly(int bits, float expected) {
    assertThat(TensorType.BF16.read(buffer((short) bits))).isEqualTo(Float.valueOf(expected));
  }

  @Test
  void everyBfloatIsTheUpperHalfOfAFloat() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float actual = TensorType.BF16.read(buffer((short) bits));
      assertThat(Float.isNaN(actual)).isEqualTo((bits & 0x7fff) > 0x7f80);
      if (!Float.isNaN(actual)) {
        assertThat(Float.floatToRawIntBits(actual)).isEqualTo(bits << 16);
      }
    }
  }

  /** As PyTorch casts: to the nearest, of two to the even one, and to infinity beyond. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "1.00000005960464477539, 1",
    "1.00000017881393432617, 1.00000024",
    "-1e-60, -0.0",
    "1e300, Infinity",
    "NaN, NaN"
  })
  void aDoubleIsReadAsTheNearestFloat(double value, float expected) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).flip();

    assertThat(TensorType.F64.read(bytes)).isEqualTo(Float.valueOf(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"F64", "F32", "F16", "BF16"})
  void aWeightTypeIsFoundByItsNameInFiles(String name) {
    assertThat(TensorType.find(name)).hasValue(TensorType.valueOf(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"I64", "f64", "f32", "BOOL", "F8_E4M3", ""})
  void otherTypesAreNotFound(String name) {
    assertThat(TensorType.find(name)).isEmpty();
  }

  private static ByteBuffer buffer(short bits) {
    return ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(bits).flip();
  }
}
