package dev.crossencoder.model.scoring;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.ScoreFunction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reduces the scores of the chunks of a text to the score of the text. The order in which they are
 * added does not matter.
 *
 * <p>With one label, the best chunk is the one with the highest score. With several labels, it is
 * the one that is the least neutral, if the model has a label {@code neutral}, else the one whose
 * predicted label has the highest score. Labels of different chunks are compared by their
 * probabilities, because logits of different chunks have no common zero: the calibrated ones, the
 * sigmoid if that is the activation, else the softmax. If two chunks are equally good, the first
 * one wins.
 *
 * <p>Keeps a bounded number of scores. Not thread-safe.
 */
final class ChunkScores {
  private static final String NEUTRAL = "neutral";
  private static final int TOP = 3;

  private final ChunkScore how;
  private final List<String> labels;
  private final ScoreFunction function;
  private final int neutral;

  /** The best chunks, best first. */
  private final List<Scored> best = new ArrayList<>();

  /** The best chunk of each label. */
  private final Map<String, LabelBest> bestByLabel = new TreeMap<>();

  private Scored notFinite;
  private boolean truncated;

  private record Scored(Chunk chunk, Score score, double merit) {}

  private record LabelBest(Chunk chunk, double probability) {}

  /**
   * Begins without scores.
   *
   * @param labels the labels of the model, by the index of their logit
   */
  ChunkScores(ChunkScore how, List<String> labels, ScoreFunction function) {
    this.how = how;
    this.labels = labels;
    this.function = function;
    int found = -1;
    for (int i = 0; i < labels.size(); i++) {
      found = labels.get(i).equalsIgnoreCase(NEUTRAL) ? i : found;
    }
    this.neutral = found;
  }

  /**
   * Adds the score of a chunk.
   *
   * @param chunk null if the text is not divided; then there is one score
   */
  void add(Chunk chunk, Score score) {
    truncated |= score.truncated();
    if (!score.isFinite()) {
      notFinite = new Scored(chunk, score, Double.NaN);
      return;
    }
    double[] probabilities = probabilities(score);
    best.add(new Scored(chunk, score, merit(score, probabilities)));
    best.sort(
        Comparator.comparingDouble(Scored::merit)
            .thenComparingDouble(scored -> scored.score().logits().get(0))
            .reversed()
            .thenComparingInt(scored -> index(scored.chunk())));
    if (best.size() > TOP) {
      best.remove(TOP);
    }
    if (chunk != null && labels.size() > 1) {
      for (int i = 0; i < probabilities.length; i++) {
        bestByLabel.merge(
            labels.get(i), new LabelBest(chunk, probabilities[i]), ChunkScores::better);
      }
    }
  }

  private static int index(Chunk chunk) {
    return chunk == null ? 0 : chunk.index();
  }

  private static LabelBest better(LabelBest one, LabelBest other) {
    int order = Double.compare(one.probability(), other.probability());
    boolean oneWins = order > 0 || (order == 0 && one.chunk().index() < other.chunk().index());
    return oneWins ? one : other;
  }

  private double merit(Score score, double[] probabilities) {
    return labels.size() > 1 && neutral >= 0 ? -probabilities[neutral] : score.score();
  }

  private double[] probabilities(Score score) {
    if (function == Activation.SIGMOID || function instanceof Calibration) {
      return labels.stream().mapToDouble(label -> score.scores().getOrDefault(label, 0f)).toArray();
    }
    double largest = score.logits().stream().mapToDouble(logit -> logit).max().orElse(0);
    double[] powers =
        score.logits().stream().mapToDouble(logit -> Math.exp(logit - largest)).toArray();
    double sum = 0;
    for (double power : powers) {
      sum += power;
    }
    for (int i = 0; i < powers.length; i++) {
      powers[i] /= sum;
    }
    return powers;
  }

  /**
   * Returns the score of the text: a score that is not finite, if there is one.
   *
   * @param textLeft whether a part of the text was not read
   */
  Score result(boolean textLeft) {
    Scored winner = notFinite == null ? best.get(0) : notFinite;
    Score score = winner.score();
    if (winner.chunk() == null) {
      return score;
    }
    float value = score.score();
    if (how == ChunkScore.MEAN_TOP_3 && notFinite == null) {
      value =
          (float) best.stream().mapToDouble(scored -> scored.score().score()).average().orElse(0);
    }
    Map<String, Chunk> chunksByLabel = new TreeMap<>();
    bestByLabel.forEach((label, labelBest) -> chunksByLabel.put(label, labelBest.chunk()));
    return new Score(
        value,
        score.label(),
        score.scores(),
        score.logits(),
        truncated || textLeft,
        winner.chunk(),
        chunksByLabel,
        null);
  }
}
