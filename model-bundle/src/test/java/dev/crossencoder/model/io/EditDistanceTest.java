package dev.crossencoder.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "'', abc, 3",
    "abc, abc, 0",
    "abc, abd, 1",
    "abc, ab, 1",
    "abc, xabc, 1",
    "kitten, sitting, 3",
    "flaw, lawn, 2"
  })
  void itIsTheFewestEditsInEitherDirection(String one, String other, int edits) {
    assertThat(EditDistance.between(one, other)).isEqualTo(edits);
    assertThat(EditDistance.between(other, one)).isEqualTo(edits);
  }
}
