package dev.crossencoder.operator;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.model.Score;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The scores that labels need for a result: a record passes if at least one of the labels reaches
 * its threshold, or if there are no thresholds. Immutable.
 *
 * @param byLabel the smallest score of each label, after the activation; not NaN
 */
@Internal
public record LabelThresholds(Map<String, Float> byLabel) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Every record passes. */
  public static final LabelThresholds NONE = new LabelThresholds(Map.of());

  public LabelThresholds {
    byLabel = Collections.unmodifiableMap(new TreeMap<>(byLabel));
  }

  /**
   * Reads {@code cross-encoder.label-threshold}.
   *
   * @throws InvalidOptionException if an entry is not a label, an equals sign and a number
   */
  public static LabelThresholds from(ReadableConfig config) {
    List<String> entries = read(config, CrossEncoderFunctionOptions.LABEL_THRESHOLD);
    if (entries == null) {
      return NONE;
    }
    if (entries.stream().allMatch(String::isBlank)) {
      throw invalid(
          entries,
          "It names no label: leave it out, or write a label and a number, as in entailment=0.9.");
    }
    Map<String, Float> thresholds = new TreeMap<>();
    for (String entry : entries) {
      int equals = entry.lastIndexOf('=');
      Float threshold = equals < 1 ? null : number(entry.substring(equals + 1));
      if (threshold == null) {
        throw invalid(
            entries,
            "An entry must be a label, an equals sign and a number, as in entailment=0.9.");
      }
      String label = entry.substring(0, equals).strip();
      if (thresholds.put(label, threshold) != null) {
        throw invalid(entries, "It names %s twice.".formatted(label));
      }
    }
    return new LabelThresholds(thresholds);
  }

  private static Float number(String text) {
    try {
      float number = Float.parseFloat(text.strip());
      return Float.isFinite(number) ? number : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static InvalidOptionException invalid(List<String> entries, String what) {
    return new InvalidOptionException(
        CrossEncoderFunctionOptions.LABEL_THRESHOLD, String.join(";", entries), what);
  }

  /** Whether a threshold looks like a probability. */
  boolean looksLikeProbability() {
    return byLabel.values().stream().anyMatch(threshold -> threshold > 0 && threshold <= 1);
  }

  /** Whether every record passes. */
  public boolean isEmpty() {
    return byLabel.isEmpty();
  }

  /**
   * Checks that a model which scores pairs has all labels.
   *
   * @throws InvalidOptionException if it lacks one, or has one label only
   */
  public void checkModel(String model, List<String> labels) {
    if (!isEmpty() && labels.size() == 1) {
      throw invalid(
          "The model %s has one label: use %s instead."
              .formatted(model, CrossEncoderFunctionOptions.MIN_SCORE.key()));
    }
    check("the model " + model, labels);
  }

  /**
   * Checks that there are thresholds for candidate labels only, and that their scores can have
   * them.
   *
   * @param labels the labels of {@code cross-encoder.classify.labels}
   * @throws InvalidOptionException if there is a threshold for another one, or one above 1
   */
  public void checkCandidates(List<String> labels) {
    if (byLabel.values().stream().anyMatch(threshold -> threshold > 1)) {
      throw invalid("The scores of a classification are from 0 to 1.");
    }
    check(CrossEncoderFunctionOptions.CLASSIFY_LABELS.key(), labels);
  }

  private void check(String owner, List<String> labels) {
    for (String label : byLabel.keySet()) {
      if (!labels.contains(label)) {
        throw invalid(
            "There is no label %s in %s. The labels are %s."
                .formatted(label, owner, String.join(", ", labels)));
      }
    }
  }

  private InvalidOptionException invalid(String what) {
    return new InvalidOptionException(CrossEncoderFunctionOptions.LABEL_THRESHOLD, this, what);
  }

  /** Whether a score of a model with several labels passes. */
  public boolean passes(Score score) {
    return passes(score.scores());
  }

  /**
   * Whether a classification passes.
   *
   * @param scores the score of each label
   */
  public boolean passes(Map<String, Float> scores) {
    return isEmpty()
        || byLabel.entrySet().stream()
            .anyMatch(
                threshold ->
                    scores.getOrDefault(threshold.getKey(), Float.NaN) >= threshold.getValue());
  }

  /** Returns the entries as they are written in options. */
  @Override
  public String toString() {
    return byLabel.entrySet().stream()
        .map(threshold -> threshold.getKey() + "=" + threshold.getValue())
        .collect(Collectors.joining(";"));
  }
}
