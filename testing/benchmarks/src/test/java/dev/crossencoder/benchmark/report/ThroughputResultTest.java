package dev.crossencoder.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import dev.crossencoder.benchmark.report.ThroughputResult.Memory;
import dev.crossencoder.benchmark.report.ThroughputResult.ScoreError;
import dev.crossencoder.benchmark.report.ThroughputResult.Turn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ThroughputResultTest {
  private static Contender contender(String engine, double error, double... seconds) {
    List<Turn> turns =
        Arrays.stream(seconds).mapToObj(time -> new Turn(time, 2 * time, 0)).toList();
    return new Contender(
        engine, "", turns, new ScoreError(0, 0, error), new Memory(1_000_000, 500_000));
  }

  private static ThroughputResult result(Contender... contenders) {
    return new ThroughputResult(
        null, "tiny", "dl19", "pairs", 100, 5000, 3, "a", List.of(contenders), Map.of());
  }

  @Test
  void aRatioIsTakenWithinARound() {
    ThroughputResult result = result(contender("a", 0, 10, 20), contender("b", 0, 20, 30));

    assertThat(result.ratios("a", "b")).containsExactly(2.0, 1.5);
  }

  @Test
  void ratesCountEveryRepeat() {
    ThroughputResult result = result(contender("a", 0, 10, 20));

    assertThat(result.pairsPerSecond(result.contenders().get(0))).containsExactly(30.0, 15.0);
    assertThat(result.cpuMillisPerPair(result.contenders().get(0)))
        .containsExactly(20_000 / 300.0, 40_000 / 300.0);
  }

  @Test
  void aFastWrongScoreDoesNotCount() {
    ThroughputResult result = result(contender("a", 0, 10), contender("wrong", 2e-4, 1));

    assertThat(result.ratios("wrong", "a")).isEmpty();
    assertThat(result.contenders().get(1).counts()).isFalse();
  }

  @Test
  void scoresOfInt8MayDiffer() {
    assertThat(contender("ours int8", 0.3, 10).counts()).isTrue();
  }

  @Test
  void scoresThatAreNoNumbersDoNotCount() {
    assertThat(contender("nan", Double.NaN, 10).counts()).isFalse();
  }

  @Test
  void anEngineThatTookNoPartHasNoRatio() {
    assertThat(result(contender("a", 0, 10)).ratios("a", "b")).isEmpty();
  }
}
