package dev.crossencoder.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a cross-encoder says of one pair.
 *
 * @param score the activated logit of a model with one label; else the value of the winning label
 * @param label the winning label (the arg-max of the logits, by {@code id2label}); null for a model
 *     with one label
 * @param scores the activated logits by label, sorted by label; empty for a model with one label
 * @param logits what the model said before the activation, one number a label
 * @param truncated whether the pair was longer than the model reads, so that its end was cut
 */
public record Score(
    float score, String label, Map<String, Float> scores, List<Float> logits, boolean truncated) {
  public Score {
    scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
    logits = List.copyOf(logits);
  }

  /** Whether every number is finite. Damaged weights or overflowing half precision give others. */
  public boolean isFinite() {
    return Float.isFinite(score)
        && logits.stream().allMatch(Float::isFinite)
        && scores.values().stream().allMatch(Float::isFinite);
  }
}
