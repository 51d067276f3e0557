package dev.crossencoder.model.classification;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The candidate labels of a text with their scores, best first, as the zero-shot classification
 * pipeline of transformers returns them. Labels with equal scores have the order in which they were
 * given.
 *
 * @param labels the candidate labels
 * @param scores the score of each label, from 0 to 1. They add up to 1, unless the labels were
 *     scored independently. NaN if a logit is not finite
 * @param truncated whether the text had more tokens than the model reads, beside at least one of
 *     the labels
 */
public record Classification(List<String> labels, List<Float> scores, boolean truncated) {
  public Classification {
    labels = List.copyOf(labels);
    scores = List.copyOf(scores);
    if (labels.isEmpty() || labels.size() != scores.size()) {
      throw new IllegalArgumentException(
          "Invalid classification: %d labels and %d scores. It needs a score for each of at least one label."
              .formatted(labels.size(), scores.size()));
    }
  }

  /** Returns the label with the highest score. */
  public String label() {
    return labels.get(0);
  }

  /** Returns the score of each label, sorted by label. */
  public Map<String, Float> scoresByLabel() {
    Map<String, Float> byLabel = new TreeMap<>();
    for (int i = 0; i < labels.size(); i++) {
      byLabel.put(labels.get(i), scores.get(i));
    }
    return byLabel;
  }

  /** Returns the number of labels only, because labels can be texts of a record. */
  @Override
  public String toString() {
    return "Classification[" + labels.size() + " labels]";
  }
}
