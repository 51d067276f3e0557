package dev.crossencoder.model.classification;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * How a text is classified. Immutable: each {@code with} method returns a changed copy.
 *
 * @param template the hypothesis, in which {@code {}} stands for a label
 * @param multiLabel whether each label is scored independently of the others: entailment against
 *     contradiction. Otherwise, entailment is compared between the labels
 * @param entailmentLabel the model's label that means entailment; null for the one whose name
 *     starts with {@code entail}
 */
public record ClassifyOptions(String template, boolean multiLabel, String entailmentLabel)
    implements Serializable {
  /** What stands for a label in a template. */
  public static final String PLACEHOLDER = "{}";

  /** The template of transformers, and one label of several. */
  public static final ClassifyOptions DEFAULT =
      new ClassifyOptions("This example is {}.", false, null);

  private static final long serialVersionUID = 1L;

  public ClassifyOptions {
    requireNonNull(template, "template is null");
    int place = template.indexOf(PLACEHOLDER);
    if (place < 0 || place != template.lastIndexOf(PLACEHOLDER)) {
      throw new IllegalArgumentException(
          "Invalid template: %s. It must contain {} once, where the label is inserted, as in 'This example is {}.'"
              .formatted(template));
    }
  }

  /**
   * Returns options with another template.
   *
   * @throws IllegalArgumentException if it does not contain {@code {}} exactly once
   */
  public ClassifyOptions withTemplate(String newTemplate) {
    return new ClassifyOptions(newTemplate, multiLabel, entailmentLabel);
  }

  /** Returns options that score each label independently of the others. */
  public ClassifyOptions withMultiLabel() {
    return new ClassifyOptions(template, true, entailmentLabel);
  }

  /** Returns options with the model's label that means entailment. */
  public ClassifyOptions withEntailmentLabel(String newEntailmentLabel) {
    requireNonNull(newEntailmentLabel, "entailmentLabel is null");
    return new ClassifyOptions(template, multiLabel, newEntailmentLabel);
  }

  /** Returns the hypothesis for a label. */
  String hypothesis(String label) {
    int place = template.indexOf(PLACEHOLDER);
    return template.substring(0, place) + label + template.substring(place + PLACEHOLDER.length());
  }
}
