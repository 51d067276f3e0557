package dev.crossencoder.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The result of a cross-encoder for one pair.
 *
 * @param score for a model with one label, the activated logit; else the activated logit of the
 *     predicted label
 * @param label the predicted label (the name of the largest logit, by {@code id2label}); null for a
 *     model with one label
 * @param scores the activated logits by label, sorted by label; empty for a model with one label
 * @param logits the model's output before the activation, one number per label
 * @param truncated whether the pair had more tokens than the model reads, so that some were removed
 */
public record Score(
    float score, String label, Map<String, Float> scores, List<Float> logits, boolean truncated) {
  public Score {
    scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
    logits = List.copyOf(logits);
  }

  /**
   * Whether all numbers are finite. Damaged weights, or an overflow in half precision, give NaN or
   * infinite numbers.
   */
  public boolean isFinite() {
    return Float.isFinite(score)
        && logits.stream().allMatch(Float::isFinite)
        && scores.values().stream().allMatch(Float::isFinite);
  }
}
