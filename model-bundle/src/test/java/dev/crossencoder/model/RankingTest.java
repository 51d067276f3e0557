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
    assertThat(Ranking.best(scores(1f, Float.NaN, 3f, 1f, Float.POSITIVE_INFINITY), 10))
        .containsExactly(4, 2, 0, 3, 1);
  }

  @Test
  void noMoreThanAskedForAreReturned() {
    assertThat(Ranking.best(scores(1f, 2f, 3f), 2)).containsExactly(2, 1);
    assertThat(Ranking.best(List.of(), 2)).isEmpty();
  }

  @Test
  void theNumberMustBePositive() {
    assertThatThrownBy(() -> Ranking.best(scores(1f), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid topK: 0. It must be positive.");
  }
}
