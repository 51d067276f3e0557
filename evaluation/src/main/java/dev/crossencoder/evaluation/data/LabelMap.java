package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The labels of a model by the labels of a file.
 *
 * @param labels a label of the model for a label of the file; an empty one leaves pairs with it
 *     out. Others stay as they are.
 */
public record LabelMap(Map<String, String> labels) {
  public LabelMap {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /**
   * Returns the pairs with the labels of the model, without those that are left out.
   *
   * @throws InvalidDataException if the map has a label that no pair has, or no pair is left
   */
  public List<LabelledPair> apply(List<LabelledPair> pairs) {
    List<String> unused =
        labels.keySet().stream()
            .filter(label -> pairs.stream().noneMatch(pair -> pair.label().equals(label)))
            .toList();
    if (!unused.isEmpty()) {
      throw new InvalidDataException(
          "Cannot map the label %s, no pair has it. The labels are %s."
              .formatted(unused.get(0), counts(pairs)));
    }
    List<LabelledPair> mapped = new ArrayList<>();
    for (LabelledPair pair : pairs) {
      String label = labels.getOrDefault(pair.label(), pair.label());
      if (!(label.isEmpty() && labels.containsKey(pair.label()))) {
        mapped.add(new LabelledPair(pair.pair(), label, pair.result()));
      }
    }
    if (mapped.isEmpty()) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d pairs are left out.".formatted(pairs.size()));
    }
    return mapped;
  }

  /**
   * Checks that a model has the labels of pairs.
   *
   * @param model its name, for the message
   * @param known the labels of the model
   * @throws InvalidDataException if a pair has another one
   */
  public static void check(String model, List<LabelledPair> pairs, List<String> known) {
    List<LabelledPair> unknown =
        pairs.stream().filter(pair -> !known.contains(pair.label())).toList();
    if (!unknown.isEmpty()) {
      throw new InvalidDataException(
          "Cannot evaluate %s, %,d of %,d pairs have labels that it does not have: %s. Its labels are %s. Map labels with --label-map, such as %s=LABEL."
              .formatted(
                  model,
                  unknown.size(),
                  pairs.size(),
                  counts(unknown),
                  String.join(", ", known),
                  unknown.get(0).label()));
    }
  }

  /** Returns the labels of pairs with the number of each, such as {@code 0 (12), 1 (9)}. */
  public static String counts(List<LabelledPair> pairs) {
    int shown = 10;
    Map<String, Long> counts =
        pairs.stream()
            .collect(
                Collectors.groupingBy(LabelledPair::label, TreeMap::new, Collectors.counting()));
    String text =
        counts.entrySet().stream()
            .limit(shown)
            .map(count -> "%s (%,d)".formatted(count.getKey(), count.getValue()))
            .collect(Collectors.joining(", "));
    return counts.size() > shown ? text + " and %,d others".formatted(counts.size() - shown) : text;
  }
}
