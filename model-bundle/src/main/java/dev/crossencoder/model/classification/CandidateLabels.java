package dev.crossencoder.model.classification;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules for the labels that a text can get. */
public final class CandidateLabels {
  private CandidateLabels() {}

  /**
   * Returns what is wrong with a list of labels: it is empty, a label is blank, or two labels are
   * the same. The sentence names places in the list, not the labels, which can be texts of a
   * record.
   */
  public static Optional<String> problem(List<String> labels) {
    if (labels.isEmpty()) {
      return Optional.of("The list of labels is empty. It must have at least one label.");
    }
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      if (labels.get(i).isBlank()) {
        return Optional.of(
            "Label %d of %d is blank. A label must have text.".formatted(i + 1, labels.size()));
      }
      Integer earlier = places.put(labels.get(i), i);
      if (earlier != null) {
        return Optional.of(
            "Labels %d and %d are the same. Each label may be given once."
                .formatted(earlier + 1, i + 1));
      }
    }
    return Optional.empty();
  }

  /**
   * Checks a list of labels.
   *
   * @throws IllegalArgumentException if there is a {@link #problem}
   */
  static void check(List<String> labels) {
    problem(labels)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("Invalid candidate labels. " + problem);
            });
  }
}
