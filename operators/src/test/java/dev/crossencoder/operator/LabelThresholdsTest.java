package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelThresholdsTest {
  private static final List<String> NLI = List.of("contradiction", "entailment", "neutral");

  @Test
  void aRecordPassesIfOneOfTheLabelsReachesItsThreshold() {
    LabelThresholds thresholds = thresholds("entailment=0.9;contradiction=0.8");

    assertThat(passes(thresholds, 0.05f, 0.9f, 0.05f)).isTrue();
    assertThat(passes(thresholds, 0.8f, 0.1f, 0.1f)).isTrue();
    assertThat(passes(thresholds, 0.79f, 0.11f, 0.1f)).isFalse();
    assertThat(passes(thresholds, 0.1f, 0.1f, 0.8f)).isFalse();
  }

  @Test
  void aScoreThatIsNoNumberDoesNotPass() {
    assertThat(passes(thresholds("entailment=0.9"), Float.NaN, Float.NaN, Float.NaN)).isFalse();
  }

  @Test
  void withoutThresholdsEveryRecordPasses() {
    assertThat(LabelThresholds.from(new Configuration())).isEqualTo(LabelThresholds.NONE);
    assertThat(passes(LabelThresholds.NONE, 0f, 0f, 0f)).isTrue();
  }

  @Test
  void aLabelMayContainAnEqualsSignAndSpaces() {
    assertThat(thresholds("a = b=0.5; c d = 1").byLabel())
        .isEqualTo(Map.of("a = b", 0.5f, "c d", 1f));
    assertThat(thresholds("'a;b=0.5'").byLabel()).isEqualTo(Map.of("a;b", 0.5f));
  }

  @Test
  void theEntriesAreWrittenAsTheyAreRead() {
    LabelThresholds thresholds = thresholds("b=0.5;a=1");

    assertThat(thresholds(thresholds.toString())).isEqualTo(thresholds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "entailment|An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "=0.9|An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "entailment=high|An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "entailment=NaN|An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "a=Infinity|An entry must be a label, an equals sign and a number, as in entailment=0.9.",
        "a=0.5;a=0.6|It names a twice."
      })
  void anEntryThatIsNoThresholdIsRefused(String value, String message) {
    assertThatThrownBy(() -> thresholds(value))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("Invalid cross-encoder.label-threshold: %s. %s".formatted(value, message));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ";"})
  void anOptionWithoutALabelIsRefused(String value) {
    assertThatThrownBy(() -> thresholds(value))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid cross-encoder.label-threshold: ")
        .hasMessageEndingWith(
            "It names no label: leave it out, or write a label and a number, as in entailment=0.9.");
  }

  @Test
  void aLabelThatTheModelLacksIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> thresholds("entails=0.9").checkModel("demo-nli", NLI))
        .withMessage(
            "Invalid cross-encoder.label-threshold: entails=0.9. There is no label entails in the model demo-nli. The labels are contradiction, entailment, neutral.");
  }

  @Test
  void aClassificationHasNoScoreAboveOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> thresholds("food=90").checkCandidates(List.of("food", "ships")))
        .withMessage(
            "Invalid cross-encoder.label-threshold: food=90.0. The scores of a classification are from 0 to 1.");
    thresholds("food=1").checkCandidates(List.of("food", "ships"));
  }

  @Test
  void aModelWithOneLabelHasScoresOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> thresholds("LABEL_0=0.9").checkModel("demo-qa", List.of("LABEL_0")))
        .withMessage(
            "Invalid cross-encoder.label-threshold: LABEL_0=0.9. The model demo-qa has one label: use cross-encoder.min-score instead.");
    LabelThresholds.NONE.checkModel("demo-qa", List.of("LABEL_0"));
  }

  private static LabelThresholds thresholds(String value) {
    Configuration configuration = new Configuration();
    configuration.setString("cross-encoder.label-threshold", value);
    return LabelThresholds.from(configuration);
  }

  private static boolean passes(LabelThresholds thresholds, Float... scores) {
    return thresholds.passes(
        Map.of(NLI.get(0), scores[0], NLI.get(1), scores[1], NLI.get(2), scores[2]));
  }
}
