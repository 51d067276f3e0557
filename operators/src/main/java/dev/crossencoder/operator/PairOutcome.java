package dev.crossencoder.operator;

import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.flink.annotation.Internal;

/**
 * The outcome of a pair: a score, or the reason why there is none.
 *
 * @param score null if there is a failure; all its numbers are finite
 * @param failure null if there is a score
 * @param stage the number of the model that has the outcome, in a cascade; 0 for the first model
 */
@Internal
public record PairOutcome(Score score, Failure failure, int stage) {
  /** An outcome of the first model. */
  public PairOutcome(Score score, Failure failure) {
    this(score, failure, 0);
  }

  /** Returns the same outcome of another stage. */
  PairOutcome atStage(int newStage) {
    return new PairOutcome(score, failure, newStage);
  }

  /**
   * Scores pairs in batches, without Flink, with the failures that the operator gives. Returns one
   * outcome per pair, in the order of the pairs.
   */
  public static List<PairOutcome> of(CrossEncoder model, List<TextPair> pairs) {
    try {
      return model.score(pairs).stream().map(PairOutcome::of).toList();
    } catch (PairTooLongException e) {
      return ofThoseThatFit(model, pairs);
    }
  }

  /**
   * Returns the indexes of the pairs that the main model scores: some of those that have a score of
   * the first one.
   */
  public static List<Integer> forMainModel(Cascade cascade, List<PairOutcome> firstOutcomes) {
    List<Integer> scored =
        IntStream.range(0, firstOutcomes.size())
            .filter(index -> !firstOutcomes.get(index).failed())
            .boxed()
            .toList();
    return cascade.forMainModel(scores(firstOutcomes)).stream().map(scored::get).toList();
  }

  /**
   * Returns the outcomes of a cascade.
   *
   * @param indexes the pairs that the main model has scored
   * @param mainOutcomes its outcomes, in the order of the indexes
   */
  public static List<PairOutcome> merge(
      List<PairOutcome> firstOutcomes, List<Integer> indexes, List<PairOutcome> mainOutcomes) {
    PairOutcome[] merged = firstOutcomes.toArray(PairOutcome[]::new);
    for (int i = 0; i < indexes.size(); i++) {
      merged[indexes.get(i)] = mainOutcomes.get(i).atStage(1);
    }
    return List.of(merged);
  }

  /** Returns the scores of outcomes that have one, in their order. */
  public static List<Score> scores(List<PairOutcome> outcomes) {
    return outcomes.stream().map(PairOutcome::score).filter(Objects::nonNull).toList();
  }

  /** Returns whether the pair has a failure instead of a score. */
  public boolean failed() {
    return failure != null;
  }

  private static PairOutcome of(Score score) {
    return score.isFinite()
        ? new PairOutcome(score, null)
        : failed(Failure.NON_FINITE_SCORE, "The model returned a score that is NaN or infinite.");
  }

  private static PairOutcome failed(String code, String message) {
    return new PairOutcome(null, new Failure(code, message));
  }

  /** Finds the pairs that are too long and cannot be truncated, and scores the others. */
  private static List<PairOutcome> ofThoseThatFit(CrossEncoder model, List<TextPair> pairs) {
    PairOutcome[] outcomes = new PairOutcome[pairs.size()];
    List<TextPair> fitting = new ArrayList<>();
    for (int i = 0; i < outcomes.length; i++) {
      try {
        var unused = model.begin(pairs.get(i));
        fitting.add(pairs.get(i));
      } catch (PairTooLongException e) {
        outcomes[i] = failed(Failure.PAIR_TOO_LONG, e.getMessage());
      }
    }
    Iterator<Score> scores = model.score(fitting).iterator();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = of(scores.next());
      }
    }
    return List.of(outcomes);
  }
}
