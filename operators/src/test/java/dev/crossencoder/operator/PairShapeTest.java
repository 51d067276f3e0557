package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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

  @Test
  void aRecordIsDroppedIfNoneOfItsPairsReachesAThreshold() throws Exception {
    PairShape<String> shape =
        new PairShape<>(
            record -> List.of(new TextPair("q", "p"), new TextPair("q", "p")),
            Float.NEGATIVE_INFINITY,
            new LabelThresholds(Map.of("entailment", 0.9f)));

    assertThat(result(shape, 0.1f, 0.89f)).isEmpty();
    assertThat(result(shape, 0.1f, 0.9f)).isPresent();
  }

  @Test
  void aModelWithoutTheLabelOfAThresholdIsRefusedBeforeTheFirstRecord() {
    PairShape<String> shape =
        new PairShape<>(
            record -> List.of(),
            Float.NEGATIVE_INFINITY,
            new LabelThresholds(Map.of("entailment", 0.9f)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> shape.open("demo-qa", List.of("LABEL_0")))
        .withMessageContaining("The model demo-qa has one label");
    shape.open("demo-nli", List.of("contradiction", "entailment", "neutral"));
  }

  private static Optional<Scored<String>> result(PairShape<String> shape, float... entailment)
      throws Exception {
    List<PairOutcome> outcomes = new ArrayList<>();
    for (float score : entailment) {
      outcomes.add(
          new PairOutcome(
              new Score(
                  score,
                  "entailment",
                  Map.of("entailment", score, "neutral", 1 - score),
                  List.of(score, 1 - score),
                  false),
              null));
    }
    return shape.request("record").reducer().result(outcomes, "demo-nli", "sha256:00");
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
