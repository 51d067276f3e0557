package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
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

  /** The file says with what its numbers were made. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyActivationGivesTheScoresOfItsClassInTorch(Activation activation) throws IOException {
    JsonNode scores = recorded().path("scores");
    float[] logits = floats(recorded().path("logits"));
    String className =
        scores.properties().stream()
            .map(Map.Entry::getKey)
            .filter(name -> Activation.ofTorchClass(name).equals(Optional.of(activation)))
            .findFirst()
            .orElseThrow();

    float[] found = activation.apply(logits);

    float[] expected = floats(scores.path(className));
    for (int i = 0; i < logits.length; i++) {
      assertThat(found[i])
          .as("%s of %s", className, logits[i])
          .isCloseTo(expected[i], within(1e-6f * Math.max(1, Math.abs(expected[i]))));
    }
  }

  @Test
  void everyClassOfTorchIsKnownOrIsNoActivationOfARow() throws IOException {
    recorded()
        .path("scores")
        .fieldNames()
        .forEachRemaining(name -> assertThat(Activation.ofTorchClass(name)).as(name).isPresent());
    recorded()
        .path("refused")
        .forEach(name -> assertThat(Activation.ofTorchClass(name.textValue())).isEmpty());
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void onlyWhatComparesLabelsIsTheSameForAllPairsOfOneLabel(Activation activation) {
    float[] one = activation.apply(new float[] {-1});
    float[] other = activation.apply(new float[] {2});

    assertThat(Arrays.equals(one, other)).isEqualTo(activation.comparesLabels());
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream in = ActivationTest.class.getResourceAsStream("activations.json")) {
      return JsonFiles.MAPPER.readTree(in);
    }
  }

  private static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = array.get(i).floatValue();
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sigmoid", "rrelu", "", "model"})
  void anUnknownKeyIsRefusedWithTheKnownOnes(String key) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Activation.parse(key))
        .withMessage("Invalid activation: %s. It must be one of %s.", key, Activation.keys());
  }
}
