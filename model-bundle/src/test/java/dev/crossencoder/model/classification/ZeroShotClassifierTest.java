package dev.crossencoder.model.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZeroShotClassifierTest {
  private static final ClassifyOptions DEFAULT = ClassifyOptions.DEFAULT;
  private static final List<String> NLI = List.of("contradiction", "entailment", "neutral");

  @ParameterizedTest
  @CsvSource({
    "contradiction entailment neutral, 1, 0",
    "CONTRADICTION NEUTRAL ENTAILMENT, 2, 0",
    "entailment neutral contradiction, 0, 2",
    "entailment contradiction neutral, 0, 1",
    "neutral Contradiction Entailment, 2, 1",
    "entailment not_entailment, 0, 1",
    "not_entailment entailment, 1, 0",
    "no entailed, 1, 0",
    "entail other more, 0, 2"
  })
  void entailmentAndItsOppositeAreFoundByName(String labels, int entailment, int contradiction) {
    assertThat(NliLabels.find("nli", List.of(labels.split(" ")), null))
        .isEqualTo(new NliLabels(entailment, contradiction));
  }

  @Test
  void aModelWhoseLabelsSayNothingNeedsTheName() {
    List<String> labels = List.of("LABEL_0", "LABEL_1", "LABEL_2");

    assertThatThrownBy(() -> ZeroShotClassifier.of("own", labels, DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot classify with own, none of its labels starts with 'entail'. Its labels are LABEL_0, LABEL_1, LABEL_2. If one of them means entailment, name it with classify.entailment-label (--entailment-label).");
    assertThat(NliLabels.find("own", labels, "LABEL_0")).isEqualTo(new NliLabels(0, 2));
    assertThat(NliLabels.find("own", labels, "LABEL_1")).isEqualTo(new NliLabels(1, 0));
  }

  @Test
  void labelsThatLeaveTheChoiceOpenAreRefused() {
    assertThatThrownBy(
            () -> ZeroShotClassifier.of("own", List.of("entailed", "Entailment", "no"), DEFAULT))
        .hasMessageContaining("more than one of its labels starts with 'entail'");
    assertThatThrownBy(
            () -> ZeroShotClassifier.of("own", NLI, DEFAULT.withEntailmentLabel("Entails")))
        .hasMessage(
            "Invalid classify.entailment-label: Entails. The model own has the labels contradiction, entailment, neutral.");
    assertThatThrownBy(() -> ZeroShotClassifier.of("demo-qa", List.of("LABEL_0"), DEFAULT))
        .hasMessageContaining("Cannot classify with demo-qa, it has one label.");
  }

  @Test
  void eachLabelBecomesAHypothesis() {
    ClassifyOptions options = DEFAULT.withTemplate("Read on. Is it {}? {It} $1 is.");

    assertThat(ZeroShotClassifier.pairs("text", List.of("a, b", "{}", "$0"), options))
        .containsExactly(
            new TextPair("text", "Read on. Is it a, b? {It} $1 is."),
            new TextPair("text", "Read on. Is it {}? {It} $1 is."),
            new TextPair("text", "Read on. Is it $0? {It} $1 is."));
  }

  @Test
  void exclusiveScoresAreTheSoftmaxOfEntailment() {
    Classification found = classify(DEFAULT, List.of("a", "b"), score(9, 0, 1), score(-9, 1, 3));

    assertThat(found.labels()).containsExactly("b", "a");
    assertThat(found.scores().get(0)).isCloseTo(0.731059f, within(1e-6f));
    assertThat(found.scores().get(1)).isCloseTo(0.268941f, within(1e-6f));
    assertThat(found.label()).isEqualTo("b");
    assertThat(found.truncated()).isFalse();
  }

  @Test
  void independentScoresCompareEntailmentWithContradiction() {
    Classification found =
        classify(DEFAULT.withMultiLabel(), List.of("a", "b"), score(1, 0, 9), score(-1, 1, -9));

    assertThat(found.labels()).containsExactly("b", "a");
    assertThat(found.scores().get(0)).isCloseTo(0.880797f, within(1e-6f));
    assertThat(found.scores().get(1)).isCloseTo(0.268941f, within(1e-6f));
  }

  @Test
  void oneLabelIsScoredIndependently() {
    assertThat(classify(DEFAULT, List.of("a"), score(1, 0, 9)).scores().get(0))
        .isCloseTo(0.268941f, within(1e-6f));
  }

  @Test
  void equalScoresKeepTheOrderOfTheLabels() {
    assertThat(
            classify(
                    DEFAULT, List.of("d", "a", "c"), score(0, 1, 0), score(2, 1, 0), score(0, 2, 0))
                .labels())
        .containsExactly("c", "d", "a");
    assertThat(
            classify(
                    DEFAULT.withMultiLabel(),
                    List.of("b", "a"),
                    score(-50, 50, 0),
                    score(-60, 60, 0))
                .labels())
        .as("both scores round to 1")
        .containsExactly("b", "a");
  }

  @Test
  void largeLogitsDoNotOverflow() {
    Classification found =
        classify(DEFAULT, List.of("a", "b"), score(0, 900, 0), score(0, 1900, 0));

    assertThat(found.labels()).containsExactly("b", "a");
    assertThat(found.scores()).containsExactly(1f, 0f);
  }

  @Test
  void aTextThatWasCutBesideOneLabelIsTruncated() {
    Score cut = new Score(0, "neutral", Map.of(), List.of(0f, 0f, 0f), true);

    assertThat(classify(DEFAULT, List.of("a", "b"), score(0, 0, 0), cut).truncated()).isTrue();
  }

  @Test
  void badLabelsAreNamedByTheirPlace() {
    assertThat(CandidateLabels.problem(List.of()))
        .contains("The list of labels is empty. It must have at least one label.");
    assertThat(CandidateLabels.problem(List.of("a", " \t")))
        .contains("Label 2 of 2 is blank. A label must have text.");
    assertThat(CandidateLabels.problem(List.of("a", "b", "a")))
        .contains("Labels 1 and 3 are the same. Each label may be given once.");
    assertThat(CandidateLabels.problem(List.of("a", "A", " a"))).isEmpty();
    assertThatThrownBy(() -> ZeroShotClassifier.pairs("text", List.of("x", "x"), DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid candidate labels. Labels 1 and 2 are the same. Each label may be given once.");
  }

  @ParameterizedTest
  @CsvSource({"This is it.", "''", "{} or {}", "{ }", "This is {0}."})
  void aTemplateNeedsOnePlaceForTheLabel(String template) {
    assertThatThrownBy(() -> DEFAULT.withTemplate(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Invalid template: " + template + ". It must contain {} once");
  }

  @Test
  void textsAreNotInTheStringOfAResult() {
    assertThat(new Classification(Collections.singletonList("secret"), List.of(1f), false))
        .hasToString("Classification[1 labels]");
  }

  private static Classification classify(
      ClassifyOptions options, List<String> labels, Score... scores) {
    return ZeroShotClassifier.of("nli", NLI, options).classify(labels, Arrays.asList(scores));
  }

  private static Score score(float contradiction, float entailment, float neutral) {
    return new Score(
        entailment, "entailment", Map.of(), List.of(contradiction, entailment, neutral), false);
  }
}
