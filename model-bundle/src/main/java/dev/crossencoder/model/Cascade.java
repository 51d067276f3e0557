package dev.crossencoder.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two models in a row: a fast one scores all pairs, and a better one, the main model, scores those
 * for which it matters. The stages are numbered: 0 is the first model, 1 the main model.
 *
 * <pre>{@code
 * List<Score> scores = new ArrayList<>(first.score(pairs));
 * for (int index : Cascade.keep(20).forMainModel(scores)) {
 *   scores.set(index, main.score(pairs.get(index)));
 * }
 * }</pre>
 */
public interface Cascade extends Serializable {
  /** Returns the indexes of the pairs that the main model scores, in their order. */
  List<Integer> forMainModel(List<Score> firstScores);

  /**
   * For the documents of a query: the main model scores the best documents of the first model.
   *
   * @param documents the largest number of these, at least 1
   */
  static Cascade keep(int documents) {
    return new KeptDocuments(documents);
  }

  /**
   * For single pairs: the main model scores the pairs about which the first model is in doubt. With
   * one label, the first model is sure if its score is at least {@code margin} away from {@code
   * threshold}. With several labels, it is sure if the probability of the best label is at least
   * {@code margin} larger than that of the second best.
   *
   * @param margin from 0, with which the first model is always sure, to 1
   * @param threshold the score that separates the answers, in 0..1; for models with one label
   * @param ofLogits whether probabilities of labels are the softmax of the logits; otherwise they
   *     are the scores
   */
  static Cascade margin(float margin, float threshold, boolean ofLogits) {
    return new DoubtfulPairs(margin, threshold, ofLogits);
  }

  /**
   * Returns the indexes of the documents of a query in the order of a cascade: first the documents
   * that the main model has scored, best first, then the others in the order of the first model's
   * scores. Equal scores keep their order. Scores of two models cannot be compared. Therefore a
   * smallest score is one of the main model, and leaves only documents that this model has scored.
   *
   * @param scores the last score of each document
   * @param stages the number of the stage that gave each score
   * @param last the number of the last stage
   */
  static List<Integer> best(
      List<Score> scores, List<Integer> stages, int last, RankOptions options) {
    List<Integer> best = new ArrayList<>();
    for (int stage = last; stage >= 0 && best.size() < options.topN(); stage--) {
      if (stage < last && options.minScore() > Float.NEGATIVE_INFINITY) {
        break;
      }
      int wanted = stage;
      List<Integer> indexes =
          IntStream.range(0, scores.size())
              .filter(index -> stages.get(index) == wanted)
              .boxed()
              .toList();
      Ranking.best(
              indexes.stream().map(scores::get).toList(),
              options.withTopN(options.topN() - best.size()))
          .forEach(place -> best.add(indexes.get(place)));
    }
    return best;
  }

  /** {@link #keep}. */
  record KeptDocuments(int documents) implements Cascade {
    private static final long serialVersionUID = 1L;

    public KeptDocuments {
      if (documents <= 0) {
        throw new IllegalArgumentException(
            "Invalid number of documents to keep: %d. It must be positive.".formatted(documents));
      }
    }

    @Override
    public List<Integer> forMainModel(List<Score> firstScores) {
      return Ranking.best(firstScores, RankOptions.ALL.withTopN(documents)).stream()
          .sorted()
          .toList();
    }
  }

  /** {@link #margin}. */
  record DoubtfulPairs(float margin, float threshold, boolean ofLogits) implements Cascade {
    private static final long serialVersionUID = 1L;

    public DoubtfulPairs {
      if (!(margin >= 0 && margin <= 1)) {
        throw new IllegalArgumentException(
            "Invalid margin: %s. It must be from 0 to 1.".formatted(margin));
      }
    }

    @Override
    public List<Integer> forMainModel(List<Score> firstScores) {
      return IntStream.range(0, firstScores.size())
          .filter(index -> !isSure(firstScores.get(index)))
          .boxed()
          .toList();
    }

    private boolean isSure(Score score) {
      if (score.label() == null) {
        return Math.abs((double) score.score() - threshold) >= margin;
      }
      double[] best =
          (ofLogits ? score.logits() : score.scores().values())
              .stream().mapToDouble(Float::doubleValue).sorted().toArray();
      double largest = best[best.length - 1];
      double second = best[best.length - 2];
      if (!ofLogits) {
        return largest - second >= margin;
      }
      double sum = 0;
      for (double logit : best) {
        sum += Math.exp(logit - largest);
      }
      return (1 - Math.exp(second - largest)) / sum >= margin;
    }
  }
}
