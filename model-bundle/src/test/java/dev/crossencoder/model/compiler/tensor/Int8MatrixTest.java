package dev.crossencoder.model.compiler.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Int8MatrixTest {
  private static Int8Matrix of(float... weights) {
    return Int8Matrix.of(TensorData.of(weights, 2, weights.length / 2), 64);
  }

  @Test
  void valuesAreTransposedAndEachOutputHasItsOwnScale() {
    Int8Matrix matrix = of(1, -0.5f, 0.25f, 100, 0, -50);

    assertThat(matrix.inputs()).isEqualTo(3);
    assertThat(matrix.outputs()).isEqualTo(2);
    assertThat(matrix.values()).containsExactly(64, 64, -32, 0, 16, -32);
    assertThat(ConstantFolding.values(matrix.scales())).containsExactly(1 / 64f, 100 / 64f);
  }

  @Test
  void aWeightBecomesTheNearestValue() {
    Int8Matrix matrix = of(64, 10.4f, 10.6f, -64, -10.4f, -10.6f);

    assertThat(matrix.values()).containsExactly(64, -64, 10, -10, 11, -11);
  }

  @Test
  void anOutputWithoutWeightsStaysZero() {
    Int8Matrix matrix = of(0, 0, 1, 2);

    assertThat(matrix.values()).containsExactly(0, 32, 0, 64);
    assertThat(ConstantFolding.values(matrix.scales())).containsExactly(1, 2 / 64f);
  }

  /**
   * What processors with AVX2 alone add up in 16 bits: two products of unsigned and signed bytes.
   */
  @Test
  void theSumOfTwoProductsFitsIntoSixteenBits() {
    Int8Matrix matrix = of(3e5f, -3e5f, 1e-3f, -1e-3f);

    for (byte value : matrix.values()) {
      assertThat(2 * 255 * value).isBetween((int) Short.MIN_VALUE, (int) Short.MAX_VALUE);
    }
  }
}
