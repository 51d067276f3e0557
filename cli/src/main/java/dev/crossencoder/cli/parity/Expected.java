package dev.crossencoder.cli.parity;

import java.util.List;
import java.util.Map;

/** The expected value of a pair in a golden file. */
sealed interface Expected {
  /** One score, of a model with one label. */
  record Value(double value) implements Expected {}

  /** The scores in the order of the logits. */
  record Values(List<Double> values) implements Expected {
    public Values {
      values = List.copyOf(values);
    }
  }

  /** The scores of some or all labels, in the order of the file. */
  record ByLabel(List<Map.Entry<String, Double>> values) implements Expected {
    public ByLabel {
      values = List.copyOf(values);
    }
  }

  /** The winning label. */
  record Label(String name) implements Expected {}
}
