package dev.crossencoder.evaluation.labels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelFiguresTest {
  @Test
  void goldOfOneClassIsRefused() {
    assertThatThrownBy(() -> BinaryFigures.of(List.of(true, true), new double[] {1, 2}))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate, all 2 pairs are positive. Average precision and thresholds need pairs of both kinds.");
    assertThatThrownBy(() -> BinaryFigures.of(List.of(false, false), new double[] {1, 2}))
        .hasMessageStartingWith("Cannot evaluate, all 2 pairs are negative.");
  }

  @Test
  void equalScoresAreRefused() {
    assertThatThrownBy(() -> BinaryFigures.of(List.of(true, false), new double[] {0.5, 0.5}))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate, all 2 pairs have the score 0.5, so no threshold separates them.");
    assertThatThrownBy(() -> SimilarityFigures.of(new double[] {1, 2}, new double[] {3, 3}))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot evaluate, all 2 scores are 3.0. A correlation needs different values.");
    assertThatThrownBy(() -> SimilarityFigures.of(new double[] {1, 1}, new double[] {2, 3}))
        .hasMessageStartingWith("Cannot evaluate, all 2 gold values are 1.0.");
  }

  @Test
  void numbersThatAreNotFiniteAreCounted() {
    assertThatThrownBy(() -> BinaryFigures.of(List.of(true, false), new double[] {Double.NaN, 1}))
        .hasMessage("Cannot evaluate, 1 of 2 scores are NaN or infinite.");
    assertThatThrownBy(
            () ->
                SimilarityFigures.of(
                    new double[] {1, Double.POSITIVE_INFINITY}, new double[] {1, 2}))
        .hasMessage("Cannot evaluate, 1 of 2 gold values are NaN or infinite.");
  }

  @Test
  void noPairsAreRefused() {
    assertThatThrownBy(() -> ClassificationFigures.of(List.of(), List.of()))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot evaluate, there is no pair.");
    assertThatThrownBy(() -> ClassificationFigures.of(List.of("a"), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot compare 1 gold values with 0 values of the model.");
  }
}
