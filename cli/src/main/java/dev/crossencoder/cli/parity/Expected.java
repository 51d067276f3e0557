package dev.crossencoder.cli.parity;

import java.util.List;
import java.util.Map;

/** What a golden says that a model must find for a pair. */
sealed interface Expected {
  /** The score of a model with one label. */
  record Value(double value) implements Expected {}

  /** The scores in the order of the logits. */
  record Values(List<Double> values) implements Expected {
    public Values {
      values = List.copyOf(values);
    }
  }

  /** The scores of some labels or all, in the order in which they were given. */
  record ByLabel(List<Map.Entry<String, Double>> values) implements Expected {
    public ByLabel {
      values = List.copyOf(values);
    }
  }

  /** The winning label. */
  record Label(String name) implements Expected {}
}
