package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.RecordShape.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassifyShapeTest {
  @Test
  void eachLabelIsAPairWithTheText() throws Exception {
    ClassifyShape<String> shape =
        shape(new ClassifyRequest("text"), Map.of("labels", "a;'b;c'", "template", "Is it {}?"));

    assertThat(shape.request("record").pairs())
        .containsExactly(new TextPair("text", "Is it a?"), new TextPair("text", "Is it b;c?"));
  }

  @Test
  void labelsOfTheRecordReplaceThoseOfTheOption() throws Exception {
    ClassifyShape<String> shape =
        shape(new ClassifyRequest("text", List.of("own")), Map.of("labels", "a;b"));

    assertThat(shape.request("record").pairs())
        .containsExactly(new TextPair("text", "This example is own."));
  }

  @Test
  void labelsAreSortedByTheirScores() throws Exception {
    ClassifyShape<String> shape = shape(new ClassifyRequest("text"), Map.of("labels", "a;b"));
    Request<Classified<String>> request = shape.request("record");

    Classified<String> classified =
        request
            .reducer()
            .result(List.of(outcome(0f), outcome(1f)), "demo-nli", "sha256:00")
            .orElseThrow();

    assertThat(classified.element()).isEqualTo("record");
    assertThat(classified.labels()).containsExactly("b", "a");
    assertThat(classified.scores().get(0)).isCloseTo(0.731059f, within(1e-6f));
    assertThat(classified.truncated()).isFalse();
    assertThat(classified.model()).isEqualTo("demo-nli");
    assertThat(classified.revision()).isEqualTo("sha256:00");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|The list of labels is empty. It must have at least one label.",
        "a;|Label 2 of 2 is blank. A label must have text.",
        "a;b;a|Labels 1 and 3 are the same. Each label may be given once.",
        "a;b;c;d|The record has 4 labels. cross-encoder.max-documents is 3: raise it, or send fewer labels in a record."
      })
  void badLabelsOfARecordAreItsFailure(String labels, String message) throws Exception {
    List<String> own = labels.isEmpty() ? List.of() : List.of(labels.split(";", -1));
    ClassifyShape<String> shape =
        new ClassifyShape<>(
            record -> new ClassifyRequest("text", own),
            ClassifyConfig.from(
                new Configuration().set(CrossEncoderFunctionOptions.MAX_DOCUMENTS, 3)),
            LabelThresholds.NONE);

    assertThatThrownBy(() -> shape.request("record"))
        .isInstanceOfSatisfying(
            InvalidRecordException.class,
            e -> assertThat(e.failure()).isEqualTo(new Failure(Failure.INVALID_LABELS, message)));
  }

  @Test
  void aRecordWithoutATextHasNoLabels() throws Exception {
    Request<Classified<String>> request =
        shape(new ClassifyRequest(null), Map.of("labels", "a")).request("record");

    assertThat(request.pairs()).isEmpty();
    assertThat(request.reducer().result(List.of(), "demo-nli", "sha256:00"))
        .hasValueSatisfying(
            classified -> {
              assertThat(classified.failed()).isFalse();
              assertThat(classified.labels()).isEmpty();
              assertThat(classified.scores()).isEmpty();
            });
  }

  @Test
  void aSelectorWithoutARequestOrLabelsFailsTheTask() {
    assertThatThrownBy(() -> shape(null, Map.of()).request("record"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Cannot classify record record, the selector returned null.");
    assertThatThrownBy(() -> shape(new ClassifyRequest("text"), Map.of()).request("record"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cross-encoder.classify.labels is not set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "labels|a;;b|Invalid cross-encoder.classify.labels: a;;b. Label 2 of 3 is blank. A label must have text.",
        "labels|a;b;a|Invalid cross-encoder.classify.labels: a;b;a. Labels 1 and 3 are the same. Each label may be given once.",
        "template|It is.|Invalid cross-encoder.classify.template: It is.. It must contain {} once, where the label is inserted.",
        "template|{}{}|Invalid cross-encoder.classify.template: {}{}. It must contain {} once, where the label is inserted."
      })
  void invalidOptionsAreRefusedAtSubmission(String key, String value, String message) {
    assertThatThrownBy(() -> config(Map.of(key, value)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(message);
  }

  private static ClassifyShape<String> shape(ClassifyRequest request, Map<String, String> options) {
    ClassifyShape<String> shape =
        new ClassifyShape<>(record -> request, config(options), LabelThresholds.NONE);
    shape.open("demo-nli", List.of("contradiction", "entailment", "neutral"));
    return shape;
  }

  private static ClassifyConfig config(Map<String, String> options) {
    Configuration configuration = new Configuration();
    options.forEach(
        (key, value) -> configuration.setString("cross-encoder.classify." + key, value));
    return ClassifyConfig.from(configuration);
  }

  private static PairOutcome outcome(float entailment) {
    List<Float> logits = new ArrayList<>(List.of(0f, entailment, 0f));
    return new PairOutcome(new Score(entailment, "entailment", Map.of(), logits, false), null);
  }
}
