package dev.crossencoder.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchFillTest {
  private final BatchFill fill = new BatchFill(new BatchLimits(3, 100));

  @Test
  void pairsJoinUpToTheTokensOfTheLimit() {
    assertThat(fill.add(60)).isTrue();
    assertThat(fill.add(41)).isFalse();
    assertThat(fill.add(40)).isTrue();
    assertThat(fill.tokens()).isEqualTo(100);
  }

  @Test
  void pairsJoinUpToTheNumberOfTheLimit() {
    assertThat(fill.add(1)).isTrue();
    assertThat(fill.add(1)).isTrue();
    assertThat(fill.add(1)).isTrue();
    assertThat(fill.add(1)).isFalse();
  }

  @Test
  void aPairOverTheLimitIsAlone() {
    assertThat(fill.add(1000)).isTrue();
    assertThat(fill.add(1)).isFalse();
  }

  @Test
  void theNextBatchStartsWithThePairThatDidNotJoin() {
    assertThat(fill.add(60)).isTrue();
    assertThat(fill.add(60)).isFalse();

    fill.startWith(60);

    assertThat(fill.tokens()).isEqualTo(60);
    assertThat(fill.add(40)).isTrue();
    assertThat(fill.add(1)).isFalse();
  }
}
