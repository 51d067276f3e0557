package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Records with a query and documents, which are sorted by their scores. A document without a score
 * does not prevent the result; a record none of whose documents has a score is a failure.
 */
final class RankShape<T> implements RecordShape<T, Ranked<T>> {
  private static final long serialVersionUID = 1L;

  private final RankSelector<T> selector;
  private final RankOptions options;
  private final int maxDocuments;

  RankShape(RankSelector<T> selector, RankOptions options, int maxDocuments) {
    this.selector = requireNonNull(selector, "selector is null");
    this.options = requireNonNull(options, "options is null");
    this.maxDocuments = maxDocuments;
  }

  @Override
  public Request<Ranked<T>> request(T element) throws InvalidRecordException {
    RankRequest ranking = selector.request(element);
    if (ranking == null) {
      throw new IllegalStateException(
          "Cannot rank record %s, the selector returned null. It must return a request, whose documents are empty for a record without documents."
              .formatted(RecordName.of(element)));
    }
    int count = ranking.documents().size();
    if (count > maxDocuments) {
      throw new InvalidRecordException(
          Failure.TOO_MANY_DOCUMENTS,
          "The record has %d documents. %s is %d: raise it, or send fewer documents in a record."
              .formatted(count, CrossEncoderFunctionOptions.MAX_DOCUMENTS.key(), maxDocuments));
    }
    List<RefusedDocument> refused =
        ranking.refused().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> new RefusedDocument(entry.getKey(), entry.getValue()))
            .toList();
    if (count > 0 && refused.size() == count) {
      throw new InvalidRecordException(Failure.NO_VALID_DOCUMENT, noneIsValid(refused));
    }
    int[] indexes = new int[count - refused.size()];
    List<TextPair> pairs = new ArrayList<>(indexes.length);
    for (int i = 0; i < count; i++) {
      if (!ranking.refused().containsKey(i)) {
        indexes[pairs.size()] = i;
        pairs.add(new TextPair(ranking.query(), ranking.documents().get(i)));
      }
    }
    return new Request<>(pairs, new Documents(element, indexes, refused));
  }

  private static String noneIsValid(List<RefusedDocument> refused) {
    Failure first = refused.get(0).failure();
    return "None of the record's %d documents can be scored. The first: %s: %s"
        .formatted(refused.size(), first.code(), first.message());
  }

  @Override
  public Ranked<T> failure(T element, Failure failure, String model, String revision) {
    return Ranked.failure(element, failure, model, revision);
  }

  @Override
  public TypeInformation<Ranked<T>> resultType(TypeInformation<T> elementType) {
    return Ranked.typeInformation(elementType);
  }

  @Override
  public Failure failureOf(Ranked<T> result) {
    return result.failure();
  }

  @Override
  public boolean keepsFailedPairs() {
    return true;
  }

  /** The documents of one record, without their texts. */
  private final class Documents implements Reducer<Ranked<T>> {
    private final T element;

    /** The index in the record of each document that is scored. */
    private final int[] indexes;

    private final List<RefusedDocument> refused;

    private Documents(T element, int[] indexes, List<RefusedDocument> refused) {
      this.element = element;
      this.indexes = indexes;
      this.refused = refused;
    }

    @Override
    public Optional<Ranked<T>> result(List<PairOutcome> outcomes, List<Stage> stages) {
      List<RefusedDocument> errors = new ArrayList<>(refused);
      List<Score> scores = new ArrayList<>();
      List<Integer> scored = new ArrayList<>();
      List<Integer> scoredBy = new ArrayList<>();
      for (int i = 0; i < outcomes.size(); i++) {
        PairOutcome outcome = outcomes.get(i);
        if (outcome.failed()) {
          errors.add(new RefusedDocument(indexes[i], outcome.failure()));
        } else {
          scores.add(outcome.score());
          scored.add(indexes[i]);
          scoredBy.add(outcome.stage());
        }
      }
      errors.sort(Comparator.comparingInt(RefusedDocument::index));
      if (scores.isEmpty() && !errors.isEmpty()) {
        Failure failure = new Failure(Failure.NO_VALID_DOCUMENT, noneIsValid(errors));
        Stage main = stages.get(stages.size() - 1);
        return Optional.of(failure(element, failure, main.model(), main.revision()));
      }
      List<RankedDocument> results =
          Cascade.best(scores, scoredBy, stages.size() - 1, options).stream()
              .map(
                  index ->
                      new RankedDocument(scored.get(index), scores.get(index), scoredBy.get(index)))
              .toList();
      return Optional.of(Ranked.success(element, results, errors, stages));
    }
  }
}
