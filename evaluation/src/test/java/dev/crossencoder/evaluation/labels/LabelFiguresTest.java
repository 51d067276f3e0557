package dev.crossencoder.evaluation.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void moreLabelsThanCanBeComparedAreRefused() {
    List<String> many = IntStream.range(0, 1_001).mapToObj(String::valueOf).toList();

    assertThatThrownBy(() -> ClassificationFigures.of(many, many))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate, there are 1,001 different labels, 1,001 of gold; at most 1,000 can be compared. The first are 0, 1, 10. Check that these are labels, not texts or ids.");
  }

  /**
   * The figures of a resample are those of a list in which pairs are as often as they were drawn.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aResampleHasTheFiguresOfItsPairs(long seed) {
    Random random = new Random(seed);
    int size = 60;
    double[] gold = random.doubles(size).map(value -> Math.floor(4 * value)).toArray();
    double[] scores = random.doubles(size).map(value -> Math.floor(10 * value) / 10).toArray();
    List<Boolean> positive = DoubleStream.of(gold).mapToObj(value -> value > 1).toList();
    List<String> labels = DoubleStream.of(gold).mapToObj(String::valueOf).toList();
    List<String> predicted =
        DoubleStream.of(scores).mapToObj(value -> String.valueOf(Math.floor(4 * value))).toList();
    int[] sample = random.ints(size, 0, size).toArray();
    int[] counts = new int[size];
    IntStream.of(sample).forEach(i -> counts[i]++);

    BinaryFigures binary =
        BinaryFigures.of(IntStream.of(sample).mapToObj(positive::get).toList(), at(scores, sample));
    double[] found = BinaryScores.of(positive, scores).figures(counts);
    assertThat(found[0]).isCloseTo(binary.averagePrecision(), within(1e-12));
    assertThat(found[1]).isEqualTo(binary.bestF1().value());
    assertThat(found[2]).isEqualTo(binary.bestAccuracy().value());
    assertThat(found[3])
        .isEqualTo(
            IntStream.of(sample).filter(i -> scores[i] > 0.5 == positive.get(i)).count()
                / (double) size);

    SimilarityFigures similarity = SimilarityFigures.of(at(gold, sample), at(scores, sample));
    assertThat(SimilarityScores.of(gold, scores).figures(counts))
        .containsExactly(
            new double[] {similarity.pearson(), similarity.spearman()}, Offset.offset(1e-12));

    ClassificationFigures classes =
        ClassificationFigures.of(
            IntStream.of(sample).mapToObj(labels::get).toList(),
            IntStream.of(sample).mapToObj(predicted::get).toList());
    assertThat(PredictedLabels.of(labels, predicted).figures(counts))
        .containsExactly(
            new double[] {classes.accuracy(), classes.macroF1()}, Offset.offset(1e-12));
  }

  private static double[] at(double[] values, int[] sample) {
    return IntStream.of(sample).mapToDouble(i -> values[i]).toArray();
  }

  @Test
  void figuresThatAResampleDoesNotHaveAreNaN() {
    assertThat(
            BinaryScores.of(List.of(true, false, true), new double[] {0.9, 0.1, 0.9})
                .figures(new int[] {2, 0, 1}))
        .containsExactly(Double.NaN, Double.NaN, Double.NaN, 1);
    assertThat(
            SimilarityScores.of(new double[] {0.1, 0.1, 0.3}, new double[] {1, 2, 3})
                .figures(new int[] {2, 1, 0}))
        .containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void aCorrelationDoesNotDependOnTheScaleOfValues() {
    double[] gold = {1, 2, 3, 5};

    for (double scale : new double[] {1e-200, 1, 1e200}) {
      double[] scores = DoubleStream.of(1, 3, 2, 4).map(value -> value * scale).toArray();
      assertThat(SimilarityFigures.of(gold, scores).pearson()).isCloseTo(0.831522, within(1e-6));
    }
    double[] shifted = {1e9 + 1, 1e9 + 3, 1e9 + 2, 1e9 + 4};
    assertThat(SimilarityFigures.of(gold, shifted).pearson()).isCloseTo(0.831522, within(1e-6));
  }
}
