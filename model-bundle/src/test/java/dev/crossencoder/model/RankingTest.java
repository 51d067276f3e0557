package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static List<Score> scores(Float... values) {
    return Stream.of(values)
        .map(value -> new Score(value, null, Map.of(), List.of(value), false))
        .toList();
  }

  @Test
  void theBestIsFirstEqualScoresKeepTheirOrderAndNanIsLast() {
    assertThat(
            Ranking.best(scores(1f, Float.NaN, 3f, 1f, Float.POSITIVE_INFINITY), RankOptions.ALL))
        .containsExactly(4, 2, 0, 3, 1);
  }

  @Test
  void noMoreThanAskedForAreReturned() {
    assertThat(Ranking.best(scores(1f, 2f, 3f), RankOptions.ALL.withTopN(2))).containsExactly(2, 1);
    assertThat(Ranking.best(List.of(), RankOptions.ALL.withTopN(2))).isEmpty();
  }

  @Test
  void aScoreOfAtLeastTheSmallestIsAResult() {
    assertThat(Ranking.best(scores(1f, 3f, Float.NaN, 2f), RankOptions.ALL.withMinScore(2f)))
        .containsExactly(1, 3);
  }

  @Test
  void theNumberMustBePositive() {
    assertThatThrownBy(() -> RankOptions.ALL.withTopN(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid topN: 0. It must be positive.");
  }

  @Test
  void theSmallestScoreMustBeANumber() {
    assertThatThrownBy(() -> RankOptions.ALL.withMinScore(Float.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid minScore: NaN. It must be a number.");
  }
}
