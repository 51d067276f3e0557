package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CascadeConfigTest {
  private static final CascadeConfig LISTS = new CascadeConfig("demo-qa", null, null, null);
  private static final CascadeConfig PAIRS = new CascadeConfig("demo-qa", null, null, 0.25f);

  private static CascadeConfig read(Map<String, String> options) {
    Configuration configuration = new Configuration();
    options.forEach((key, value) -> configuration.setString("cross-encoder.cascade." + key, value));
    return CascadeConfig.from(configuration);
  }

  private static Bundle bundle(String name) {
    return ModelRepository.shared().resolve(name);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(InvalidOptionException.class).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          keep         | 5     | Invalid cross-encoder.cascade.keep: 5. It belongs to a cascade: name the first model with cross-encoder.cascade.model, or leave it out.
          margin       | 0.5   | Invalid cross-encoder.cascade.margin: 0.5. It belongs to a cascade: name the first model with cross-encoder.cascade.model, or leave it out.
          model-digest | abc   | Invalid cross-encoder.cascade.model-digest: abc. It must be sha256: and 64 lower-case hexadecimal digits, as 'cross-encoder inspect' prints it.
          """)
  void partsOfACascadeWithoutItsModelAreRefused(String key, String value, String message) {
    refused(() -> read(Map.of(key, value)), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          keep   | 0    | Invalid cross-encoder.cascade.keep: 0. It must be positive.
          margin | 1.01 | Invalid cross-encoder.cascade.margin: 1.01. It must be from 0 to 1.
          margin | -0.1 | Invalid cross-encoder.cascade.margin: -0.1. It must be from 0 to 1.
          margin | NaN  | Invalid cross-encoder.cascade.margin: NaN. It must be from 0 to 1.
          """)
  void valuesAreChecked(String key, String value, String message) {
    refused(() -> read(Map.of("model", "demo-qa", key, value)), message);
  }

  @Test
  void listsHaveNoMarginAndPairsNothingToKeep() {
    CascadeConfig keep = read(Map.of("model", "demo-qa", "keep", "20"));

    refused(
        PAIRS::requireLists,
        "Invalid cross-encoder.cascade.margin: 0.25. It is for records with pairs. These have lists of documents: leave it out, and choose the documents for the main model with cross-encoder.cascade.keep.");
    refused(
        keep::requirePairs,
        "Invalid cross-encoder.cascade.keep: 20. It is for lists of documents. These records have pairs: leave it out, and set cross-encoder.cascade.margin.");
    refused(
        LISTS::requirePairs,
        "Invalid cross-encoder.cascade.model: demo-qa. Records with pairs need cross-encoder.cascade.margin, too: how sure this model must be for its answer to stand.");
    refused(
        () -> read(Map.of("model", "demo-qa", "keep", "5", "margin", "0.5")),
        "Invalid cross-encoder.cascade.margin: 0.5. It is for records with pairs, and cross-encoder.cascade.keep is for lists of documents: set one of them.");
    LISTS.requireLists();
    PAIRS.requirePairs();
    CascadeConfig.NONE.requirePairs();
  }

  @Test
  void aClassificationHasNoCascade() {
    refused(
        LISTS::requireNone,
        "Invalid cross-encoder.cascade.model: demo-qa. A classification by candidate labels needs the logits of one model for all labels and has no cascade: leave it out.");
  }

  @Test
  void theRuleFollowsFromOptionsAndModels() {
    Bundle qa = bundle("demo-qa");
    Bundle rank = bundle("demo-rank");
    Bundle nli = bundle("demo-nli");

    assertThat(LISTS.rule(qa, rank, null)).isEqualTo(Cascade.keep(20));
    assertThat(PAIRS.rule(qa, rank, null)).isEqualTo(Cascade.margin(0.25f, 0.5f, false));
    assertThat(PAIRS.rule(qa, rank, 0.7f)).isEqualTo(Cascade.margin(0.25f, 0.7f, false));
    assertThat(PAIRS.rule(nli, nli, null)).isEqualTo(Cascade.margin(0.25f, 0.5f, true));
  }

  @Test
  void modelsThatDoNotFitAreRefused() {
    Bundle qa = bundle("demo-qa");
    Bundle nli = bundle("demo-nli");

    refused(
        () -> PAIRS.rule(qa, nli, null),
        "Invalid cross-encoder.cascade.model: demo-qa. Its labels are LABEL_0, and those of demo-nli are contradiction, entailment, neutral. Both models of a cascade need the same labels in the same order: choose another one.");
    refused(
        () -> LISTS.rule(nli, nli, null),
        "Invalid cross-encoder.cascade.model: demo-qa. It has 3 labels. A cascade of lists ranks documents by models with one label: choose such models.");
    refused(
        () -> PAIRS.rule(qa, qa, 3f),
        "Invalid cross-encoder.min-score: 3.0. With cross-encoder.cascade.margin it must be from 0 to 1, because the scores of both models are compared with it.");
  }
}
