package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.TextPair;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PairShapeTest {
  @Test
  void aRecordIsDroppedIfNoneOfItsPairsReachesTheSmallestScore() throws Exception {
    assertThat(result(2f, 1f, 1.9f)).isEmpty();
    assertThat(result(2f, 1f, 2f)).isPresent();
  }

  @Test
  void aRecordWithoutPairsIsNotDropped() throws Exception {
    assertThat(result(2f)).isPresent();
  }

  @Test
  void withoutASmallestScoreNothingIsDropped() throws Exception {
    assertThat(result(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY)).isPresent();
  }

  private static Optional<Scored<String>> result(float minScore, Float... scores) throws Exception {
    List<TextPair> pairs = Collections.nCopies(scores.length, new TextPair("q", "p"));
    List<PairOutcome> outcomes =
        Arrays.stream(scores)
            .map(score -> new PairOutcome(FakeScoringModel.scoreOf(score), null))
            .toList();
    return new PairShape<String>(record -> pairs, minScore, LabelThresholds.NONE)
        .request("record")
        .reducer()
        .result(outcomes, "demo-qa", "sha256:00");
  }
}
