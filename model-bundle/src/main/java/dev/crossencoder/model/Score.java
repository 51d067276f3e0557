package dev.crossencoder.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The result of a cross-encoder for one pair.
 *
 * <p>The offsets of chunks and evidence are those of the text that is divided: the second text for
 * a model with one label, the first text for a model with several labels.
 *
 * @param score for a model with one label, the activated logit; else the activated logit of the
 *     predicted label
 * @param label the predicted label (the name of the largest logit, by {@code id2label}); null for a
 *     model with one label
 * @param scores the activated logits by label, sorted by label; empty for a model with one label
 * @param logits the model's output before the activation, one number per label
 * @param truncated whether the pair had more tokens than the model reads, so that some were not
 *     read
 * @param bestChunk the chunk whose score this is; null if the text was not divided
 * @param bestChunks for each label, the chunk in which it is the most likely, sorted by label;
 *     empty for a model with one label, or if the text was not divided
 * @param evidence the sentence without which the score is lowest; null if it was not asked for
 */
public record Score(
    float score,
    String label,
    Map<String, Float> scores,
    List<Float> logits,
    boolean truncated,
    Chunk bestChunk,
    Map<String, Chunk> bestChunks,
    Span evidence) {
  public Score {
    scores = sorted(scores);
    logits = List.copyOf(logits);
    // Null in state of releases without chunks.
    bestChunks = bestChunks == null ? Map.of() : sorted(bestChunks);
  }

  /** Empty maps are shared: there may be millions of scores in a cache. */
  private static <T> Map<String, T> sorted(Map<String, T> map) {
    return map.isEmpty()
        ? Collections.emptySortedMap()
        : Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** Creates the score of a pair whose texts were not divided, without evidence. */
  public Score(
      float score, String label, Map<String, Float> scores, List<Float> logits, boolean truncated) {
    this(score, label, scores, logits, truncated, null, Map.of(), null);
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
