package dev.crossencoder.operator;

import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.flink.annotation.Internal;

/**
 * The outcome of a pair: a score, or the reason why there is none.
 *
 * @param score null if there is a failure; all its numbers are finite
 * @param failure null if there is a score
 */
@Internal
public record PairOutcome(Score score, Failure failure) {
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
