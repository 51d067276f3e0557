package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Records with pairs whose scores are the result, one each. A pair without a score is the failure
 * of its record.
 */
final class PairShape<T> implements RecordShape<T, Scored<T>> {
  private static final long serialVersionUID = 1L;

  private final PairSelector<T> selector;

  private final float minScore;
  private final LabelThresholds thresholds;

  /**
   * Creates a shape. A record has no result if none of its pairs reaches the smallest score, or if
   * none reaches a threshold.
   */
  PairShape(PairSelector<T> selector, float minScore, LabelThresholds thresholds) {
    this.selector = requireNonNull(selector, "selector is null");
    this.minScore = minScore;
    this.thresholds = requireNonNull(thresholds, "thresholds is null");
  }

  @Override
  public void open(String model, List<String> modelLabels) {
    thresholds.checkModel(model, modelLabels);
  }

  @Override
  public Request<Scored<T>> request(T element) throws InvalidRecordException {
    return new Request<>(
        checked(element, selector.pairs(element)),
        (outcomes, stages) ->
            pass(PairOutcome.scores(outcomes))
                ? Optional.of(Scored.success(element, outcomes, stages))
                : Optional.empty());
  }

  private boolean pass(List<Score> scores) {
    return scores.isEmpty()
        || scores.stream().anyMatch(score -> score.score() >= minScore && thresholds.passes(score));
  }

  /** Checks and copies the pairs of a selector, because a user's list may be a lazy view. */
  private static <T> List<TextPair> checked(T element, List<TextPair> pairs) {
    if (pairs == null) {
      throw new IllegalStateException(
          "Cannot score record %s, the selector returned null. It must return a list, which is empty for a record without pairs."
              .formatted(RecordName.of(element)));
    }
    List<TextPair> copy = new ArrayList<>(pairs);
    int missing = copy.indexOf(null);
    if (missing >= 0) {
      throw new IllegalStateException(
          "Cannot score record %s, the selector returned null as pair %d of %d."
              .formatted(RecordName.of(element), missing, copy.size()));
    }
    return copy;
  }

  @Override
  public Scored<T> failure(T element, Failure failure, String model, String revision) {
    return Scored.failure(element, failure, model, revision);
  }

  @Override
  public TypeInformation<Scored<T>> resultType(TypeInformation<T> elementType) {
    return Scored.typeInformation(elementType);
  }

  @Override
  public Failure failureOf(Scored<T> result) {
    return result.failure();
  }

  @Override
  public boolean keepsFailedPairs() {
    return false;
  }
}
