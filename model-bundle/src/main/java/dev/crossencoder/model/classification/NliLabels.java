package dev.crossencoder.model.classification;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Which labels of a model mean entailment and its opposite.
 *
 * @param entailment the index of the logit of entailment
 * @param contradiction the index of the logit of contradiction; in a model with two labels, of the
 *     other one
 */
record NliLabels(int entailment, int contradiction) {
  private static final String ENTAILMENT = "entail";
  private static final String CONTRADICTION = "contradict";

  /**
   * Finds the labels by their names, ignoring case. If no name starts with {@code contradict},
   * contradiction is the first label, or the last one if the first is entailment, as in
   * transformers.
   *
   * @param model the name of the model, for messages
   * @param labels the labels of the model, in the order of the logits
   * @param entailmentLabel the name of the label that means entailment; null to find it
   * @throws IllegalArgumentException if the model has one label, or its label for entailment cannot
   *     be found
   */
  static NliLabels find(String model, List<String> labels, String entailmentLabel) {
    if (labels.size() == 1) {
      throw new IllegalArgumentException(
          "Cannot classify with %s, it has one label. Classification takes an NLI model, which has a label for entailment; 'cross-encoder models --task nli' lists some."
              .formatted(model));
    }
    int entailment =
        entailmentLabel == null ? entailment(model, labels) : named(model, labels, entailmentLabel);
    int contradiction =
        startingWith(CONTRADICTION, labels).stream()
            .filter(index -> index != entailment)
            .findFirst()
            .orElse(entailment == 0 ? labels.size() - 1 : 0);
    return new NliLabels(entailment, contradiction);
  }

  private static int named(String model, List<String> labels, String name) {
    int index = labels.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "Invalid classify.entailment-label: %s. The model %s has the labels %s."
              .formatted(name, model, String.join(", ", labels)));
    }
    return index;
  }

  private static int entailment(String model, List<String> labels) {
    List<Integer> found = startingWith(ENTAILMENT, labels);
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "Cannot classify with %s, %s of its labels starts with '%s'. Its labels are %s. If one of them means entailment, name it with classify.entailment-label (--entailment-label)."
              .formatted(
                  model,
                  found.isEmpty() ? "none" : "more than one",
                  ENTAILMENT,
                  String.join(", ", labels)));
    }
    return found.get(0);
  }

  private static List<Integer> startingWith(String prefix, List<String> labels) {
    return IntStream.range(0, labels.size())
        .filter(index -> labels.get(index).toLowerCase(Locale.ROOT).startsWith(prefix))
        .boxed()
        .toList();
  }
}
