package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationTest {
  @Test
  void identityReturnsTheLogits() {
    assertThat(Activation.IDENTITY.apply(new float[] {-11.5f, 0, 3})).containsExactly(-11.5f, 0, 3);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.5", "1, 0.7310586", "-1, 0.26894143", "1000, 1", "-1000, 0"})
  void sigmoidSquashesEachLogit(float logit, float expected) {
    assertThat(Activation.SIGMOID.apply(new float[] {logit, 0})).containsExactly(expected, 0.5f);
  }

  @Test
  void softmaxSharesOneAmongTheLabels() {
    float[] scores = Activation.SOFTMAX.apply(new float[] {1, 2, 3});

    assertThat(scores)
        .containsExactly(new float[] {0.09003057f, 0.24472848f, 0.66524094f}, within(1e-7f));
  }

  @Test
  void softmaxDoesNotOverflow() {
    float[] scores = Activation.SOFTMAX.apply(new float[] {10_000, 10_000, -10_000});

    assertThat(scores).containsExactly(0.5f, 0.5f, 0);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void theLogitsStayAsTheyWere(Activation activation) {
    float[] logits = {1, 2};

    float[] scores = activation.apply(logits);

    assertThat(scores).isNotSameAs(logits);
    assertThat(logits).containsExactly(1, 2);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void aLogitThatIsNotANumberGivesAScoreThatIsNotFinite(Activation activation) {
    assertThat(Float.isFinite(activation.apply(new float[] {Float.NaN})[0])).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void anActivationIsFoundByItsKey(Activation activation) {
    assertThat(Activation.parse(activation.key())).isEqualTo(activation);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sigmoid", "relu", "", "model"})
  void anUnknownKeyIsRefusedWithTheKnownOnes(String key) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Activation.parse(key))
        .withMessage("Invalid activation: %s. It must be one of identity, sigmoid, softmax.", key);
  }
}
