package dev.crossencoder.sql;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ZeroShotClassifier;
import dev.crossencoder.operator.ClassifyConfig;
import dev.crossencoder.operator.Failure;
import dev.crossencoder.operator.InvalidRecordException;
import dev.crossencoder.operator.LabelThresholds;
import dev.crossencoder.operator.ModelOptions;
import dev.crossencoder.operator.OutcomeListener;
import dev.crossencoder.operator.PairOutcome;
import dev.crossencoder.operator.PairScorer;
import dev.crossencoder.operator.TaskEnvironment;
import dev.crossencoder.sql.CrossEncoderModelOptions.ErrorHandlingStrategy;
import dev.crossencoder.sql.OutputColumn.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the rows of ML_PREDICT with the {@link PairScorer} of the operator.
 *
 * <p>Each row gets at least one output row, because Flink drops a row without one. A row that
 * cannot be scored, or not before the deadline, fails the job or has NULL columns and a reason, as
 * {@link CrossEncoderModelOptions#ERROR_HANDLING_STRATEGY} says. The task is failed by a timer of
 * its own: Flink puts the whole row, with its texts, into the message of a future that fails.
 *
 * <p>Threads: {@link #eval} is called by the task thread, copies the texts of the row and does not
 * block. Output rows are made on a scoring thread, and Flink hands them to the task thread.
 *
 * <p>Instances travel from the client to the TaskManagers in serialized form.
 */
@Internal
public final class CrossEncoderPredictFunction extends AsyncPredictFunction {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderPredictFunction.class);

  private final ModelSchema schema;
  private final PredictSettings settings;

  private transient PairScorer scorer;

  /** The classifier of each model, for the shape {@link ModelSchema.Shape#CLASSIFY} only. */
  private transient Map<String, ZeroShotClassifier> classifiers;

  /** The models by the names by which rows choose among them. */
  private transient Map<String, Model> models;

  private transient Set<Row> inFlight;
  private transient ScheduledFuture<?> deadlines;

  CrossEncoderPredictFunction(ModelSchema schema, PredictSettings settings) {
    this.schema = requireNonNull(schema, "schema is null");
    this.settings = requireNonNull(settings, "settings is null");
  }

  /**
   * A model that was found.
   *
   * @param classifier for the shape {@link ModelSchema.Shape#CLASSIFY} only
   */
  private record Model(
      String name,
      PredictSettings.Results results,
      ZeroShotClassifier classifier,
      ResultRows rows) {}

  @VisibleForTesting
  PredictSettings settings() {
    return settings;
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    super.open(context);
    inFlight = ConcurrentHashMap.newKeySet();
    TaskEnvironment environment = TaskEnvironments.of(context);
    classifiers = new ConcurrentHashMap<>();
    try {
      scorer =
          PairScorer.open(
              Configuration.fromMap(settings.operator()),
              environment,
              settings.maxConcurrentOperations(),
              this::checkModel,
              "deadline=%s errors=%s".formatted(settings.deadline(), settings.errors()));
    } catch (SuppressRestartsException e) {
      Throwable reason = e.getCause();
      throw new SuppressRestartsException(
          new IllegalStateException(
              CrossEncoderModelOptions.inSql(String.valueOf(reason.getMessage())), reason));
    }
    models = new HashMap<>();
    settings.models().forEach((name, results) -> models.put(name, model(name, results)));
    if (!settings.deadline().isZero()) {
      deadlines = Deadlines.watch(settings.deadline(), this::expire);
    }
    if (environment.task().getIndexOfThisSubtask() == 0) {
      adviseConcurrency();
    }
  }

  private Model model(String name, PredictSettings.Results results) {
    return new Model(
        name,
        results,
        classifiers.get(name),
        new ResultRows(schema, scorer.revision(name), results.ranking()));
  }

  private void checkModel(String name, Bundle bundle) {
    ClassifyConfig classify = settings.models().get(name).classify();
    LabelThresholds thresholds = settings.models().get(name).thresholds();
    if (schema.shape() == ModelSchema.Shape.CLASSIFY) {
      classifiers.put(
          name,
          ZeroShotClassifier.of(
              bundle.manifest().name(), bundle.manifest().labels(), classify.options()));
      thresholds.checkCandidates(classify.labels());
      return;
    }
    int labels = bundle.manifest().numLabels();
    thresholds.checkModel(bundle.manifest().name(), bundle.manifest().labels());
    if (schema.shape() != ModelSchema.Shape.PAIR && labels != 1) {
      throw new IllegalArgumentException(
          "Cannot rank documents with %s, it has %d labels. Ranking takes a model with one label; this one takes two columns of type STRING."
              .formatted(bundle.manifest().name(), labels));
    }
    List<String> ofLabels =
        schema.columns().stream()
            .map(OutputColumn::kind)
            .filter(kind -> kind == Kind.LABEL || kind == Kind.SCORES)
            .map(Kind::columnName)
            .toList();
    if (labels == 1 && !ofLabels.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot fill the output column %s, %s has one label. Leave the column out, or use a model with several labels."
              .formatted(String.join(" and ", ofLabels), bundle.manifest().name()));
    }
  }

  private void adviseConcurrency() {
    int fewest =
        ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS.defaultValue();
    if (schema.shape() == ModelSchema.Shape.PAIR && settings.maxConcurrentOperations() == fewest) {
      LOG.warn(
          "ML_PREDICT has at most {} rows in flight, Flink's default, so that batches do not fill. Add MAP['{}', '128'] as its last argument, or SET '{}' = '128'.",
          fewest,
          MLPredictRuntimeConfigOptions.ASYNC_MAX_CONCURRENT_OPERATIONS.key(),
          ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS.key());
    }
  }

  /**
   * Scores a row. Unlike Flink's method, which this one replaces, it puts no text of the row into
   * an exception. It does not throw either, because Flink adds the row to what it throws.
   */
  @Override
  public void eval(CompletableFuture<Collection<RowData>> future, Object... args) {
    try {
      submit(GenericRowData.of(args), future);
    } catch (Throwable t) {
      scorer.fail(
          new UnscoredException("Cannot read a row: " + t, t), future::completeExceptionally);
    }
  }

  @Override
  public CompletableFuture<Collection<RowData>> asyncPredict(RowData input) {
    CompletableFuture<Collection<RowData>> future = new CompletableFuture<>();
    submit(input, future);
    return future;
  }

  private void submit(RowData input, CompletableFuture<Collection<RowData>> future) {
    if (input.isNullAt(schema.firstText()) || input.isNullAt(schema.second())) {
      future.complete(ResultRows.none(schema));
      return;
    }
    Model model;
    try {
      model = models.get(name(input));
    } catch (InvalidRecordException e) {
      Row row = new Row(future, null, List.of());
      inFlight.add(row);
      row.failed(e.failure());
      return;
    }
    String text = input.getString(schema.firstText()).toString();
    if (schema.shape() == ModelSchema.Shape.CLASSIFY) {
      ClassifyConfig classify = model.results().classify();
      List<TextPair> pairs = ZeroShotClassifier.pairs(text, classify.labels(), classify.options());
      submit(new Row(future, model, List.of()), pairs);
      return;
    }
    if (schema.shape() == ModelSchema.Shape.PAIR) {
      String second = input.getString(schema.second()).toString();
      submit(new Row(future, model, List.of()), List.of(new TextPair(text, second)));
      return;
    }
    List<String> documents = texts(input.getArray(schema.second()));
    List<TextPair> pairs = new ArrayList<>(documents.size());
    for (String document : documents) {
      if (document != null) {
        pairs.add(new TextPair(text, document));
      }
    }
    if (documents.isEmpty()) {
      future.complete(ResultRows.none(schema));
    } else if (pairs.isEmpty()) {
      future.complete(model.rows().documents(documents, List.of()));
    } else {
      submit(new Row(future, model, documents), pairs);
    }
  }

  /** Returns the name of the model that scores a row. */
  private String name(RowData input) throws InvalidRecordException {
    int route = schema.route();
    if (route == ModelSchema.NO_ROUTE) {
      return ModelOptions.UNNAMED;
    }
    return scorer.route(input.isNullAt(route) ? null : input.getString(route).toString());
  }

  private void submit(Row row, List<TextPair> pairs) {
    inFlight.add(row);
    scorer.submit(row.model.name(), row, pairs, row);
  }

  private static List<String> texts(ArrayData array) {
    List<String> texts = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      StringData text = array.isNullAt(i) ? null : array.getString(i);
      texts.add(text == null ? null : text.toString());
    }
    return texts;
  }

  /** Gives the rows past their deadline an outcome. */
  private void expire() {
    long now = System.nanoTime();
    for (Row row : inFlight) {
      if (now - row.startNanos >= settings.deadline().toNanos()) {
        row.expired();
      }
    }
  }

  @Override
  public void close() throws Exception {
    if (deadlines != null) {
      deadlines.cancel(false);
    }
    if (scorer != null) {
      scorer.close();
      inFlight.clear();
    }
    super.close();
  }

  /** A row in flight. Its outcome comes from a scoring thread or from the deadline, once. */
  private final class Row implements OutcomeListener {
    private final CompletableFuture<Collection<RowData>> future;
    private final Model model;
    private final List<String> documents;
    private final long startNanos = System.nanoTime();

    /**
     * Creates a row in flight.
     *
     * @param model scores the row; null if there is no such model
     * @param documents the documents, which may be null; empty for other shapes
     */
    private Row(
        CompletableFuture<Collection<RowData>> future, Model model, List<String> documents) {
      this.future = future;
      this.model = model;
      this.documents = documents;
    }

    @Override
    public void completed(List<PairOutcome> outcomes) {
      finish(
          () -> {
            scorer.countCompleted(model.name(), outcomes);
            Collection<RowData> found = result(outcomes);
            if (found.isEmpty()) {
              scorer.countFiltered();
            } else {
              scorer.countPassed();
            }
            return found;
          });
    }

    /** Returns no rows if the scores are too low for a result. */
    private Collection<RowData> result(List<PairOutcome> outcomes) {
      List<Score> scores = PairOutcome.scores(outcomes);
      LabelThresholds thresholds = model.results().thresholds();
      ResultRows rows = model.rows();
      return switch (schema.shape()) {
        case PAIR -> {
          Score score = scores.get(0);
          yield score.score() >= model.results().ranking().minScore() && thresholds.passes(score)
              ? rows.pair(score)
              : List.of();
        }
        case CLASSIFY -> {
          Classification classification =
              model.classifier().classify(model.results().classify().labels(), scores);
          yield thresholds.passes(classification.scoresByLabel())
              ? rows.classification(classification)
              : List.of();
        }
        case DOCUMENT_ROWS, DOCUMENT_ARRAY ->
            rows.documents(
                documents,
                scores,
                outcomes.stream().map(PairOutcome::stage).toList(),
                scorer.lastStage(model.name()));
      };
    }

    @Override
    public void failed(Failure failure) {
      finish(
          () -> {
            scorer.countFailed(model == null ? null : model.name(), failure.code());
            String reason =
                "%s: %s"
                    .formatted(failure.code(), CrossEncoderModelOptions.inSql(failure.message()));
            if (settings.errors() == ErrorHandlingStrategy.IGNORE) {
              return ResultRows.failed(schema, reason);
            }
            throw new UnscoredException(
                "Cannot score a row on %s, %s Set 'error-handling-strategy' = 'ignore' to get NULL for such rows."
                    .formatted(scorer.device(), reason),
                null);
          });
    }

    @Override
    public void errored(Throwable error) {
      finish(
          () -> {
            throw new UnscoredException(
                "Cannot score a row on %s: %s".formatted(scorer.device(), error), error);
          });
    }

    private void expired() {
      if (!scorer.withdraw(this)) {
        return;
      }
      failed(
          new Failure(
              Failure.TIMEOUT,
              "It was not scored within %s, nine tenths of ML_PREDICT's timeout. Raise that, with MAP['timeout', '10 min'] or SET '%s' = '10 min', or send fewer documents in a row. On %s, %s."
                  .formatted(
                      settings.deadline(),
                      ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_TIMEOUT.key(),
                      scorer.device(),
                      scorer.describe())));
    }

    private void finish(Supplier<Collection<RowData>> result) {
      scorer.withdraw(this);
      if (!inFlight.remove(this)) {
        return;
      }
      try {
        future.complete(result.get());
      } catch (UnscoredException e) {
        scorer.fail(e, future::completeExceptionally);
      } catch (Throwable t) {
        scorer.fail(
            new UnscoredException("Cannot make the output of a row: " + t, t),
            future::completeExceptionally);
      }
    }
  }

  /** Fails the task because of a row, without its texts. */
  private static final class UnscoredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private UnscoredException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
