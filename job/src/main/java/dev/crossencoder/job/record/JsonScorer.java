package dev.crossencoder.job.record;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.Classified;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.operator.PairOutcome;
import dev.crossencoder.operator.Ranked;
import dev.crossencoder.operator.RecordShape;
import dev.crossencoder.operator.RecordShapes;
import dev.crossencoder.operator.Scored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * Scores the values of records as the job does, without Flink and Kafka: with the same parsing, the
 * same added member and the same failures. Owned by one thread.
 *
 * @param <R> the type of the results
 */
@Internal
public final class JsonScorer<R> {
  private final CrossEncoder model;
  private final RecordShape<byte[], ? extends R> shape;
  private final RecordFormat<R> format;
  private final byte[] quotedName;

  /**
   * A record's value with its result, or the reason why it has none. Both are null if the record is
   * filtered out.
   *
   * @param value JSON with the result
   * @param failure the reason
   */
  public record Outcome(byte[] value, Failure failure) {
    private static final Outcome FILTERED = new Outcome(null, null);

    /** Returns whether the record has a score that is too low for a result. */
    public boolean filtered() {
      return value == null && failure == null;
    }
  }

  private JsonScorer(
      CrossEncoder model,
      RecordShape<byte[], ? extends R> shape,
      RecordFormat<R> format,
      String resultName) {
    this.model = requireNonNull(model, "model is null");
    this.shape = shape;
    this.format = format;
    this.quotedName = ScoreJson.quote(resultName);
  }

  /**
   * Creates a scorer of records with one pair each.
   *
   * @param minScore the smallest score of a result
   * @param thresholds the scores that labels need for a result
   * @throws IllegalArgumentException if the model does not have one of these labels
   */
  public static JsonScorer<Scored<?>> ofPairs(
      CrossEncoder model,
      List<PairFields> fields,
      ResultMember member,
      float minScore,
      LabelThresholds thresholds) {
    PairFormat format = new PairFormat(fields, member);
    RecordShape<byte[], Scored<byte[]>> shape =
        RecordShapes.pairs(value -> List.of(format.pair(value)), minScore, thresholds);
    shape.open(model.bundle().manifest().name(), model.bundle().manifest().labels());
    return new JsonScorer<>(model, shape, format, member.name());
  }

  /**
   * Creates a scorer of records with a query and documents each.
   *
   * @param returnDocuments whether results contain the texts of the documents
   * @param ranking chooses results by their scores
   * @param maxDocuments the largest number of documents of a record
   */
  public static JsonScorer<Ranked<?>> ofDocuments(
      CrossEncoder model,
      DocumentFields fields,
      boolean returnDocuments,
      ResultMember member,
      RankOptions ranking,
      int maxDocuments) {
    DocumentsFormat format = new DocumentsFormat(fields, maxDocuments, returnDocuments, member);
    RecordShape<byte[], Ranked<byte[]>> shape =
        RecordShapes.documents(format::request, ranking, maxDocuments);
    return new JsonScorer<>(model, shape, format, member.name());
  }

  /**
   * Creates a scorer of records with a text each, which get labels.
   *
   * @param labels the labels, unless records have their own
   * @param options how texts are classified
   * @param maxLabels the largest number of labels of a record
   * @param thresholds the scores that labels need for a result
   * @throws IllegalArgumentException if the model is no NLI model, or a threshold is for another
   *     label than those of all records
   */
  public static JsonScorer<Classified<?>> ofLabels(
      CrossEncoder model,
      ClassifyFields fields,
      List<String> labels,
      ClassifyOptions options,
      int maxLabels,
      LabelThresholds thresholds,
      ResultMember member) {
    if (fields.labels() == null) {
      thresholds.checkCandidates(labels);
    }
    ClassifyFormat format = new ClassifyFormat(fields, maxLabels, member);
    RecordShape<byte[], Classified<byte[]>> shape =
        RecordShapes.labels(format::request, labels, options, maxLabels, thresholds);
    shape.open(model.bundle().manifest().name(), model.bundle().manifest().labels());
    model.requireClassification();
    return new JsonScorer<>(model, shape, format, member.name());
  }

  /** Scores records in batches. Returns one outcome per record, in the order of the records. */
  public List<Outcome> score(List<byte[]> values) {
    List<RecordShape.Request<? extends R>> requests = new ArrayList<>(values.size());
    List<TextPair> pairs = new ArrayList<>(values.size());
    Outcome[] outcomes = new Outcome[values.size()];
    for (int i = 0; i < values.size(); i++) {
      RecordShape.Request<? extends R> request = null;
      try {
        request = shape.request(values.get(i));
        pairs.addAll(request.pairs());
      } catch (InvalidRecordException e) {
        outcomes[i] = new Outcome(null, e.failure());
      }
      requests.add(request);
    }
    List<PairOutcome> scored = PairOutcome.of(model, pairs);
    int next = 0;
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        int end = next + requests.get(i).pairs().size();
        outcomes[i] = outcome(requests.get(i), values.get(i), scored.subList(next, end));
        next = end;
      }
    }
    return List.of(outcomes);
  }

  private Outcome outcome(
      RecordShape.Request<? extends R> request, byte[] value, List<PairOutcome> scored) {
    Optional<Failure> failure =
        shape.keepsFailedPairs()
            ? Optional.empty()
            : scored.stream().filter(PairOutcome::failed).map(PairOutcome::failure).findFirst();
    if (failure.isPresent()) {
      return new Outcome(null, failure.get());
    }
    Optional<? extends R> result =
        request.reducer().result(scored, model.bundle().manifest().name(), model.bundle().digest());
    if (result.isEmpty()) {
      return Outcome.FILTERED;
    }
    if (format.failure(result.get()) != null) {
      return new Outcome(null, format.failure(result.get()));
    }
    try {
      byte[] json = format.json(result.get(), value);
      return new Outcome(format.place(value).splice(value, quotedName, json), null);
    } catch (InvalidRecordException e) {
      return new Outcome(null, e.failure());
    }
  }
}
