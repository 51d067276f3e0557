package dev.crossencoder.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The comparison finds what a statement can do wrong. */
class SqlOutputsTest {
  private static final List<Double> EXPECTED = List.of(0.5, 8.0);

  private final SqlOutputs outputs = new SqlOutputs();

  @Test
  void nothingIsWrongWithTheExpectedScores() {
    add(0, 0.5);
    add(1, 8.00007);
    add(2, 0.500009);

    assertThat(outputs.problems(3, EXPECTED)).isEmpty();
  }

  @Test
  void recordsWithoutAnOutputOrWithTwoAreFound() {
    add(1, 8);
    add(1, 8);

    assertThat(outputs.problems(2, EXPECTED))
        .containsExactly("record 0 has 0 outputs", "record 1 has 2 outputs");
  }

  @Test
  void anotherScoreIsFound() {
    add(0, 0.50002);
    add(1, Double.NaN);

    assertThat(outputs.problems(2, EXPECTED))
        .containsExactly(
            "record 0: its score is [0.50002] and not 0.5",
            "record 1: its score is [NaN] and not 8.0");
  }

  @Test
  void aRecordThatWasNotSentIsFound() {
    add(0, 0.5);
    add(7, 8);

    assertThat(outputs.problems(1, EXPECTED)).containsExactly("record 7 was not sent");
  }

  private void add(int number, double score) {
    outputs.add(new SqlFormat.Scored(number, score));
  }
}
