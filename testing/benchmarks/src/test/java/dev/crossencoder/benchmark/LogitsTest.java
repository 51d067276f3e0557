package dev.crossencoder.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.report.ThroughputResult.ScoreError;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LogitsTest {
  private static JsonNode json(String text) throws IOException {
    return new JsonMapper().readTree(text);
  }

  @Test
  void errorsAreRelativeBeyondOne() throws IOException {
    ScoreError error = Logits.error(json("[[0.5], [11], [-1.25]]"), json("[[0.5], [10], [-1]]"));

    assertThat(error.largest()).isCloseTo(0.25, within(1e-12));
    assertThat(error.median()).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void aLogitThatIsNoNumberIsInfinitelyWrong() throws IOException {
    ScoreError error = Logits.error(json("[[\"NaN\"]]"), json("[[1]]"));

    assertThat(error.largest()).isInfinite();
  }

  @Test
  void otherNumbersOfPairsAndLabelsAreRefused() {
    assertThatThrownBy(() -> Logits.error(json("[[1]]"), json("[[1], [2]]")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot compare logits of 1 pairs with those of 2");
    assertThatThrownBy(() -> Logits.error(json("[[1, 2]]"), json("[[1]]")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot compare 2 logits of a pair with 1");
  }
}
