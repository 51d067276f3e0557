package dev.crossencoder.model.scoring;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.tokenizer.PairText;
import dev.crossencoder.model.tokenizer.Sentences;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the sentence of a part of a text without which the score of that part is lowest. With
 * several labels, the score is that of the label that is predicted for the part. Not thread-safe.
 */
final class EvidenceSearch {
  /** With more sentences, neighbours are left out together. */
  private static final int MAX_PARTS = 64;

  private final TextPair pair;
  private final PairText divided;
  private final Span part;
  private final String label;
  private final int labelIndex;
  private final List<Span> sentences;
  private int next;
  private int missing;
  private int lowest = -1;
  private float lowestScore;
  private float lowestLogit;

  /**
   * Begins a search.
   *
   * @param divided the text of the pair to search
   * @param part the part of that text
   * @param label the predicted label; null for a model with one label
   * @param labelIndex the index of its logit
   */
  EvidenceSearch(TextPair pair, PairText divided, Span part, String label, int labelIndex) {
    this.pair = pair;
    this.divided = divided;
    this.part = part;
    this.label = label;
    this.labelIndex = labelIndex;
    this.sentences = grouped(Sentences.of(text(), part.start(), part.end()));
    this.missing = sentences.size() > 1 ? sentences.size() : 0;
  }

  private static List<Span> grouped(List<Span> sentences) {
    int size = sentences.size();
    if (size <= MAX_PARTS) {
      return sentences;
    }
    List<Span> groups = new ArrayList<>(MAX_PARTS);
    for (int i = 0; i < MAX_PARTS; i++) {
      Span first = sentences.get((int) ((long) i * size / MAX_PARTS));
      Span last = sentences.get((int) ((i + 1L) * size / MAX_PARTS) - 1);
      groups.add(new Span(first.start(), last.end()));
    }
    return groups;
  }

  private String text() {
    return divided == PairText.FIRST ? pair.text() : pair.textPair();
  }

  /** Whether scores are missing. */
  boolean isOpen() {
    return missing > 0;
  }

  boolean hasNext() {
    return isOpen() && next < sentences.size();
  }

  /** The index of the pair that {@link #next} returns. */
  int nextIndex() {
    return next;
  }

  /** Returns the pair without its next sentence. */
  TextPair next() {
    int behind = next + 1 < sentences.size() ? sentences.get(next + 1).start() : part.end();
    String without =
        text().substring(part.start(), sentences.get(next).start())
            + text().substring(behind, part.end());
    next++;
    return divided == PairText.FIRST
        ? new TextPair(without, pair.textPair())
        : new TextPair(pair.text(), without);
  }

  /**
   * Adds the score of a pair. A score that is not finite says nothing about its sentence.
   *
   * @param index the position of the sentence that it lacks
   */
  void add(int index, Score score) {
    missing--;
    if (!score.isFinite()) {
      return;
    }
    float value = label == null ? score.score() : score.scores().get(label);
    float logit = score.logits().get(labelIndex);
    boolean lower =
        lowest < 0
            || value < lowestScore
            || (value == lowestScore
                && (logit < lowestLogit || (logit == lowestLogit && index < lowest)));
    if (lower) {
      lowest = index;
      lowestScore = value;
      lowestLogit = logit;
    }
  }

  /** Returns the sentence, once no score is missing: the part itself if it has no two sentences. */
  Span result() {
    return sentences.isEmpty() ? part : sentences.get(Math.max(0, lowest));
  }
}
