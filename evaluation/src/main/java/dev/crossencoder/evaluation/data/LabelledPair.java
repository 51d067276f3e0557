package dev.crossencoder.evaluation.data;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.TextPair;

/**
 * A pair with its gold label.
 *
 * @param pair null if only results were read
 * @param label the label, or a number
 * @param result what a model has already found for the pair, a label or a number; null if that was
 *     not read
 */
public record LabelledPair(TextPair pair, String label, String result) {
  public LabelledPair {
    requireNonNull(label, "label is null");
  }
}
