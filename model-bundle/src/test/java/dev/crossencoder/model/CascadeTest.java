package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CascadeTest {
  private static final List<Integer> STAGES = List.of(0, 1, 0, 1, 1);
  private static final List<Score> SCORES = scores(0.9f, 0.2f, 0.8f, 0.7f, 0.2f);

  private static List<Score> scores(float... values) {
    Score[] scores = new Score[values.length];
    for (int i = 0; i < values.length; i++) {
      scores[i] = new Score(values[i], null, Map.of(), List.of(values[i]), false);
    }
    return Arrays.asList(scores);
  }

  private static Score labelled(float yes, float no) {
    return new Score(
        Math.max(yes, no),
        yes >= no ? "yes" : "no",
        Map.of("yes", yes, "no", no),
        List.of(yes, no),
        false);
  }

  @Test
  void theBestDocumentsAreKeptInTheirOrder() {
    assertThat(Cascade.keep(2).forMainModel(scores(1, 5, 3, 4))).containsExactly(1, 3);
  }

  @Test
  void ofEqualDocumentsTheFirstAreKept() {
    assertThat(Cascade.keep(3).forMainModel(scores(2, 5, 2, 2, 1))).containsExactly(0, 1, 2);
  }

  @Test
  void aShortListIsKeptAsAWhole() {
    assertThat(Cascade.keep(3).forMainModel(scores())).isEmpty();
    assertThat(Cascade.keep(3).forMainModel(scores(1))).containsExactly(0);
    assertThat(Cascade.keep(3).forMainModel(scores(1, 2, 3))).containsExactly(0, 1, 2);
  }

  @Test
  void documentsOfTheMainModelComeFirst() {
    assertThat(Cascade.best(SCORES, STAGES, 1, RankOptions.ALL)).containsExactly(3, 1, 4, 0, 2);
  }

  @Test
  void theBestOfAllAreThoseOfTheMainModelFirst() {
    assertThat(Cascade.best(SCORES, STAGES, 1, RankOptions.ALL.withTopN(2))).containsExactly(3, 1);
    assertThat(Cascade.best(SCORES, STAGES, 1, RankOptions.ALL.withTopN(4)))
        .containsExactly(3, 1, 4, 0);
  }

  @Test
  void aSmallestScoreIsOneOfTheMainModel() {
    assertThat(Cascade.best(SCORES, STAGES, 1, RankOptions.ALL.withMinScore(0.5f)))
        .containsExactly(3);
  }

  @Test
  void oneModelRanksAsWithoutACascade() {
    List<Integer> stages = List.of(0, 0, 0, 0, 0);

    assertThat(Cascade.best(SCORES, stages, 0, RankOptions.ALL.withMinScore(0.5f)))
        .isEqualTo(Ranking.best(SCORES, RankOptions.ALL.withMinScore(0.5f)))
        .containsExactly(0, 2, 3);
  }

  @Test
  void pairsNearTheThresholdAreForTheMainModel() {
    List<Score> scores = scores(0.5f, 0.74f, 0.75f, 0.26f, 0.25f, 1, 0);

    assertThat(Cascade.margin(0.25f, 0.5f, false).forMainModel(scores)).containsExactly(0, 1, 3);
    assertThat(Cascade.margin(0.25f, 0.9f, false).forMainModel(scores)).containsExactly(1, 2, 5);
  }

  @Test
  void withoutAMarginTheFirstModelIsAlwaysSureAndWithTheLargestNever() {
    List<Score> scores = scores(0.5f, 0.99f, 0);

    assertThat(Cascade.margin(0, 0.5f, false).forMainModel(scores)).isEmpty();
    assertThat(Cascade.margin(1, 0.5f, false).forMainModel(scores)).containsExactly(0, 1, 2);
  }

  @Test
  void theProbabilitiesOfTheTwoBestLabelsAreCompared() {
    List<Score> scores = List.of(labelled(0.8f, 0.2f), labelled(0.45f, 0.55f));

    assertThat(Cascade.margin(0.5f, 0.5f, false).forMainModel(scores)).containsExactly(1);
  }

  @Test
  void logitsOfLabelsAreComparedAsProbabilities() {
    // Differences of the probabilities: tanh(1) = 0.76 and tanh(0.5) = 0.46.
    List<Score> scores = List.of(labelled(101, 99), labelled(-3, -2));

    assertThat(Cascade.margin(0.5f, 0.5f, true).forMainModel(scores)).containsExactly(1);
    assertThat(Cascade.margin(0.77f, 0.5f, true).forMainModel(scores)).containsExactly(0, 1);
  }

  @Test
  void whatMakesNoCascadeIsRefused() {
    assertThatThrownBy(() -> Cascade.keep(0))
        .hasMessage("Invalid number of documents to keep: 0. It must be positive.");
    assertThatThrownBy(() -> Cascade.margin(1.5f, 0.5f, false))
        .hasMessage("Invalid margin: 1.5. It must be from 0 to 1.");
    assertThatThrownBy(() -> Cascade.margin(Float.NaN, 0.5f, false)).hasMessageContaining("NaN");
  }
}
