package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.classification.CandidateLabels;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ZeroShotClassifier;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Records with a text and candidate labels, which are sorted by their scores. A label without a
 * score is the failure of its record, because the scores of the others depend on it.
 */
final class ClassifyShape<T> implements RecordShape<T, Classified<T>> {
  private static final long serialVersionUID = 1L;

  private final ClassifySelector<T> selector;
  private final ClassifyConfig config;
  private final LabelThresholds thresholds;

  private transient ZeroShotClassifier classifier;

  /** Creates a shape. A record has no result if none of its labels reaches a threshold. */
  ClassifyShape(ClassifySelector<T> selector, ClassifyConfig config, LabelThresholds thresholds) {
    this.selector = requireNonNull(selector, "selector is null");
    this.config = requireNonNull(config, "config is null");
    this.thresholds = requireNonNull(thresholds, "thresholds is null");
  }

  /** The hypothesis stays whole, as in transformers. */
  @Override
  public Truncation truncation() {
    return Truncation.ONLY_FIRST;
  }

  @Override
  public void open(String model, List<String> modelLabels) {
    classifier = ZeroShotClassifier.of(model, modelLabels, config.options());
  }

  @Override
  public Request<Classified<T>> request(T element) throws InvalidRecordException {
    ClassifyRequest request = selector.request(element);
    if (request == null) {
      throw new IllegalStateException(
          "Cannot classify record %s, the selector returned null. It must return a request, whose text is null for a record without a text."
              .formatted(RecordName.of(element)));
    }
    if (request.text() == null) {
      return new Request<>(
          List.of(),
          (outcomes, stages) ->
              Optional.of(
                  Classified.empty(element, stages.get(0).model(), stages.get(0).revision())));
    }
    List<String> labels = labels(element, request);
    return new Request<>(
        ZeroShotClassifier.pairs(request.text(), labels, config.options()),
        (outcomes, stages) -> {
          Stage only = stages.get(0);
          Classification result = classifier.classify(labels, PairOutcome.scores(outcomes));
          return thresholds.passes(result.scoresByLabel())
              ? Optional.of(Classified.success(element, result, only.model(), only.revision()))
              : Optional.empty();
        });
  }

  private List<String> labels(T element, ClassifyRequest request) throws InvalidRecordException {
    if (request.labels() == null) {
      if (config.labels() == null) {
        throw new IllegalStateException(
            "Cannot classify record %s, it has no labels and %s is not set. Set it, or return labels from the selector."
                .formatted(
                    RecordName.of(element), CrossEncoderFunctionOptions.CLASSIFY_LABELS.key()));
      }
      try {
        thresholds.checkCandidates(config.labels());
      } catch (InvalidOptionException e) {
        throw new SuppressRestartsException(e);
      }
      return config.labels();
    }
    if (request.labels().size() > config.maxLabels()) {
      throw new InvalidRecordException(
          Failure.INVALID_LABELS,
          "The record has %d labels. %s is %d: raise it, or send fewer labels in a record."
              .formatted(
                  request.labels().size(),
                  CrossEncoderFunctionOptions.MAX_DOCUMENTS.key(),
                  config.maxLabels()));
    }
    Optional<String> problem = CandidateLabels.problem(request.labels());
    if (problem.isPresent()) {
      throw new InvalidRecordException(Failure.INVALID_LABELS, problem.get());
    }
    return request.labels();
  }

  @Override
  public Classified<T> failure(T element, Failure failure, String model, String revision) {
    return Classified.failure(element, failure, model, revision);
  }

  @Override
  public TypeInformation<Classified<T>> resultType(TypeInformation<T> elementType) {
    return Classified.typeInformation(elementType);
  }

  @Override
  public Failure failureOf(Classified<T> result) {
    return result.failure();
  }

  @Override
  public boolean keepsFailedPairs() {
    return false;
  }
}
