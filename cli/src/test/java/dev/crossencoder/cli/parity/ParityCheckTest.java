package dev.crossencoder.cli.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParityCheckTest {
  private static final List<String> ONE = List.of("LABEL_0");
  private static final List<String> TWO = List.of("no", "yes");
  private static final TextPair PAIR = new TextPair("text", "text pair");
  private static final TextPair OTHER = new TextPair("other", "text pair");

  private final FakeModel model = new FakeModel();

  @Test
  void whatDiffersByLessThanTheToleranceHolds() {
    model.says(PAIR, 2.00015f);

    List<Comparison> comparisons = compare(ONE, group(1e-4, PAIR, new Expected.Value(2)));

    assertThat(comparisons).hasSize(1);
    assertThat(comparisons.get(0).holds()).isTrue();
    assertThat(comparisons.get(0).difference().getAsDouble()).isCloseTo(1.5e-4, within(1e-6));
    assertThat(comparisons.get(0).allowed()).hasValue(2e-4);
  }

  @Test
  void whatDiffersByMoreIsOff() {
    model.says(PAIR, 0.50015f);

    Comparison comparison = compare(ONE, group(1e-4, PAIR, new Expected.Value(0.5))).get(0);

    assertThat(comparison.holds()).isFalse();
    assertThat(comparison.allowed()).hasValue(1e-4);
  }

  @Test
  void aPairThatIsOffOnlyInABatchIsOff() {
    model.says(PAIR, 1f).saysInABatch(PAIR, 1.1f).says(OTHER, 1f);

    List<Comparison> comparisons =
        compare(
            ONE,
            group(1e-4, PAIR, new Expected.Value(1)),
            group(1e-4, OTHER, new Expected.Value(1)));

    assertThat(comparisons).extracting(Comparison::holds).containsExactly(false, true);
    assertThat(comparisons.get(0).together()).isEqualTo("1.1000000");
    assertThat(comparisons.get(0).alone()).isEqualTo("1.0000000");
    assertThat(model.batchSizes()).containsExactly(2, 1, 1);
  }

  @Test
  void aPairThatIsOffOnlyAloneIsOff() {
    model.says(PAIR, 1.1f).saysInABatch(PAIR, 1f).says(OTHER, 1f);

    List<Comparison> comparisons =
        compare(
            ONE,
            group(1e-4, PAIR, new Expected.Value(1)),
            group(1e-4, OTHER, new Expected.Value(1)));

    assertThat(comparisons).extracting(Comparison::holds).containsExactly(false, true);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNoNumberIsOffAndTheWorst(float logit) {
    model.says(PAIR, logit).says(OTHER, 100f);

    List<Comparison> comparisons =
        compare(
            ONE,
            group(1e-4, PAIR, new Expected.Value(1)),
            group(1e-4, OTHER, new Expected.Value(1)));

    assertThat(comparisons).extracting(Comparison::holds).containsExactly(false, false);
    assertThat(ParityReport.of(comparisons))
        .containsPattern("Largest difference: (NaN|Infinity), tolerance: 1\\.0e-04\\.");
  }

  @Test
  void aLabelAmongLogitsThatAreNoNumbersIsOffEvenIfItIsTheExpectedOne() {
    model.says(PAIR, Float.NaN, Float.NaN);

    Comparison comparison = compare(TWO, group(1e-4, PAIR, new Expected.Label("no"))).get(0);

    assertThat(comparison.holds()).isFalse();
    assertThat(comparison.together()).isEqualTo("not finite");
  }

  @Test
  void labelsAreCompared() {
    model.says(PAIR, -1, 2).says(OTHER, -1, 2);

    List<Comparison> comparisons =
        compare(
            TWO,
            group(1e-4, PAIR, new Expected.Label("yes")),
            group(1e-4, OTHER, new Expected.Label("no")));

    assertThat(comparisons).extracting(Comparison::holds).containsExactly(true, false);
    assertThat(ParityReport.of(comparisons))
        .contains("1 of 2 values are outside the tolerance.")
        .doesNotContain("Largest difference");
  }

  @Test
  void theGroupsActivationTurnsLogitsIntoScores() {
    model.says(PAIR, 0f, 0f);

    List<Comparison> comparisons =
        compare(
            TWO,
            new GoldenGroup(
                Optional.of(Activation.SOFTMAX),
                1e-4,
                Optional.empty(),
                List.of(pair(PAIR, new Expected.Values(List.of(0.5, 0.5))))),
            group(1e-4, PAIR, new Expected.ByLabel(List.of(Map.entry("yes", 0.0)))));

    assertThat(comparisons).hasSize(3).allMatch(Comparison::holds);
    assertThat(comparisons)
        .extracting(Comparison::expected)
        .containsExactly("no 0.5000000", "yes 0.5000000", "yes 0.0000000");
  }

  @Test
  void whatAModelCannotSayIsRefusedBeforeAnythingIsScored() {
    assertRefused(TWO, new Expected.Value(1), "one number", "2 labels: no, yes");
    assertRefused(TWO, new Expected.Values(List.of(1.0)), "1 numbers", "2 labels: no, yes");
    assertRefused(TWO, new Expected.Label("maybe"), "the label maybe", "2 labels: no, yes");
    assertRefused(
        TWO,
        new Expected.ByLabel(List.of(Map.entry("maybe", 1.0))),
        "the label maybe",
        "2 labels: no, yes");
    assertRefused(ONE, new Expected.Label("yes"), "a label", "1 label: LABEL_0");
    assertThat(model.batchSizes()).isEmpty();
  }

  private void assertRefused(
      List<String> labels, Expected expected, String expectation, String found) {
    assertThatThrownBy(() -> compare(labels, group(1e-4, PAIR, expected)))
        .isInstanceOf(CommandFailedException.class)
        .hasMessage(
            "Cannot compare g.json, group 1, pair 1: it expects %s, and the model has %s. These goldens are for another model.",
            expectation, found);
  }

  private List<Comparison> compare(List<String> labels, GoldenGroup... groups) {
    return new ParityCheck(labels, Activation.IDENTITY, model::score).compare(List.of(groups));
  }

  private static GoldenGroup group(double tolerance, TextPair pair, Expected expected) {
    return new GoldenGroup(
        Optional.empty(), tolerance, Optional.empty(), List.of(pair(pair, expected)));
  }

  private static GoldenGroup.GoldenPair pair(TextPair pair, Expected expected) {
    return new GoldenGroup.GoldenPair("g.json, group 1, pair 1", pair, expected);
  }

  /** Says what it was told to, and remembers in which batches it was asked. */
  private static final class FakeModel {
    private final Map<TextPair, float[]> alone = new HashMap<>();
    private final Map<TextPair, float[]> inABatch = new HashMap<>();
    private final List<Integer> batchSizes = new ArrayList<>();

    private FakeModel says(TextPair pair, float... logits) {
      alone.put(pair, logits);
      return this;
    }

    private FakeModel saysInABatch(TextPair pair, float... logits) {
      inABatch.put(pair, logits);
      return this;
    }

    private List<Score> score(List<TextPair> pairs) {
      batchSizes.add(pairs.size());
      return pairs.stream()
          .map(
              pair ->
                  pairs.size() > 1 ? inABatch.getOrDefault(pair, alone.get(pair)) : alone.get(pair))
          .map(FakeModel::toScore)
          .toList();
    }

    private static Score toScore(float[] logits) {
      List<Float> list = new ArrayList<>();
      for (float logit : logits) {
        list.add(logit);
      }
      if (logits.length == 1) {
        return new Score(logits[0], null, Map.of(), list, false);
      }
      int winner = logits[1] > logits[0] ? 1 : 0;
      return new Score(
          logits[winner], TWO.get(winner), Map.of("no", logits[0], "yes", logits[1]), list, false);
    }

    private List<Integer> batchSizes() {
      return batchSizes;
    }
  }
}
