package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.util.function.SerializableSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the text pairs of each record with a cross-encoder, in mini-batches, on the device of the
 * task's slot.
 *
 * <pre>{@code
 * DataStream<Scored<Question>> scored =
 *     CrossEncoderFunction.score(
 *         questions,
 *         "relevance",
 *         question -> List.of(new TextPair(question.text(), question.passage())),
 *         configuration);
 * }</pre>
 *
 * <p>Records in flight are part of every checkpoint and are scored again after a restart. A record
 * that cannot be scored becomes a result with a {@link Failure}. An error of the engine fails the
 * task. A model with its options is loaded once per device of a TaskManager, independent of the
 * number of slots.
 *
 * <p>Threads: {@link #asyncInvoke} enqueues the record and never blocks. Tokenizing and scoring run
 * on threads that all operators of the JVM share. Results are emitted on the task thread. The
 * operator's capacity is the only bound on records in flight. User code, such as the selector and
 * {@code toString} of a record, runs on the task thread only. Therefore an error of the engine
 * completes the future with a supplier that throws: {@link ResultFuture#completeExceptionally}
 * calls {@code toString} on the calling thread, and the record has no outcome if that fails.
 *
 * @param <T> the type of the records. Checkpoints contain records, written by the serializer of
 *     this type. Error messages contain {@code toString} of a record, which should not include its
 *     texts.
 * @param <R> the type of the results
 */
@PublicEvolving
public final class CrossEncoderFunction<T, R> extends RichAsyncFunction<T, R> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderFunction.class);

  /** The shapes of the records, by the names of the models. */
  private final TreeMap<String, RecordShape<T, R>> shapes;

  private final ModelsConfig config;

  /** Null if records do not choose their model. */
  private final RouteSelector<T> route;

  private final SerializableSupplier<ModelRegistry> models;

  private transient RuntimeContext taskContext;
  private transient PairScorer scorer;
  private transient LogLimit timeouts;

  /**
   * Creates a function.
   *
   * @param shapes the shapes of the records, by the names of the models
   * @param route returns the name of a record's model; null if there is one model
   * @param models supplies the model registry of the JVM in which the function runs
   */
  CrossEncoderFunction(
      SortedMap<String, RecordShape<T, R>> shapes,
      ModelsConfig config,
      RouteSelector<T> route,
      SerializableSupplier<ModelRegistry> models) {
    this.shapes = new TreeMap<>(shapes);
    this.config = requireNonNull(config, "config is null");
    this.route = route;
    this.models = requireNonNull(models, "models is null");
  }

  /** Creates a function with one model. */
  @VisibleForTesting
  CrossEncoderFunction(
      RecordShape<T, R> shape, ScoringConfig config, SerializableSupplier<ModelRegistry> models) {
    this(new TreeMap<>(Map.of(ModelsConfig.UNNAMED, shape)), ModelsConfig.of(config), null, models);
  }

  /**
   * Adds the operator to a stream and sets its capacity, timeout, order, name and uid.
   *
   * @param stream the records
   * @param uid the operator uid, which identifies the operator's state in savepoints; do not change
   *     it between versions of a job
   * @param selector returns the pairs of a record
   * @param options a configuration with the keys of {@link CrossEncoderFunctionOptions}; other keys
   *     are ignored
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream, String uid, PairSelector<T> selector, ReadableConfig options) {
    return score(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #score(DataStream, String, PairSelector, ReadableConfig)}, with several models among
   * which each record chooses.
   *
   * <pre>{@code
   * configuration.setString("cross-encoder.models.en.model", "demo-rank");
   * configuration.setString("cross-encoder.models.de.model", "/models/de");
   * DataStream<Scored<Question>> scored =
   *     CrossEncoderFunction.score(
   *         questions, "relevance", Question::pairs, Question::language, configuration);
   * }</pre>
   *
   * @param route returns the name of a record's model
   * @param options as for one model, with {@code cross-encoder.models} in the place of {@code
   *     cross-encoder.model}
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return score(stream, uid, selector, route, options, () -> ModelRegistry.SHARED);
  }

  /**
   * Adds an operator that ranks the documents of each record, as {@link #score} adds one that
   * scores its pairs. The documents of a record may be scored in several batches, together with
   * those of other records.
   *
   * <pre>{@code
   * DataStream<Ranked<Search>> ranked =
   *     CrossEncoderFunction.rank(
   *         searches,
   *         "rerank",
   *         search -> new RankRequest(search.query(), search.documents()),
   *         configuration);
   * }</pre>
   *
   * @param selector returns the query and the documents of a record
   * @param options as for {@link #score}; {@code cross-encoder.top-n} and {@code
   *     cross-encoder.min-score} choose the results
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream, String uid, RankSelector<T> selector, ReadableConfig options) {
    return rank(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #rank(DataStream, String, RankSelector, ReadableConfig)}, with several models among
   * which each record chooses.
   *
   * @param route returns the name of a record's model
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return rank(stream, uid, selector, route, options, () -> ModelRegistry.SHARED);
  }

  /**
   * Adds an operator that finds the labels that the text of each record entails, without training,
   * with an NLI model. A text that is too long is truncated beside the whole template and label,
   * unless {@code cross-encoder.truncation} is set.
   *
   * <pre>{@code
   * configuration.set(CrossEncoderFunctionOptions.CLASSIFY_LABELS, List.of("delivery", "billing"));
   * DataStream<Classified<Ticket>> classified =
   *     CrossEncoderFunction.classify(
   *         tickets, "topic", ticket -> new ClassifyRequest(ticket.body()), configuration);
   * }</pre>
   *
   * @param selector returns the text of a record, and its labels if they are not those of the
   *     options
   * @param options as for {@link #score}; those that begin with {@code cross-encoder.classify} have
   *     the labels and say how texts are classified
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream, String uid, ClassifySelector<T> selector, ReadableConfig options) {
    return classify(stream, uid, selector, options, () -> ModelRegistry.SHARED);
  }

  /**
   * As {@link #classify(DataStream, String, ClassifySelector, ReadableConfig)}, with several models
   * among which each record chooses.
   *
   * @param route returns the name of a record's model
   * @throws InvalidOptionException if an option is invalid; the message names the key, the value
   *     and the allowed values
   */
  public static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options) {
    requireNonNull(route, "route is null");
    return classify(stream, uid, selector, route, options, () -> ModelRegistry.SHARED);
  }

  /**
   * Checks the options as {@link #score} does, without a stream.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static void validate(ReadableConfig options) {
    configs(ModelOptions.split(options), options, Truncation.LONGEST_FIRST);
  }

  static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return score(stream, uid, selector, null, options, models);
  }

  static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    PairSelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        route,
        options,
        models,
        each -> {
          CascadeConfig.from(each).requirePairs();
          return RecordShapes.pairs(
              cleaned, RankConfig.from(each).options().minScore(), LabelThresholds.from(each));
        });
  }

  static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return rank(stream, uid, selector, null, options, models);
  }

  static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    RankSelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        route,
        options,
        models,
        each -> {
          requireNoThresholds(each);
          CascadeConfig.from(each).requireLists();
          RankConfig ranking = RankConfig.from(each);
          return RecordShapes.documents(cleaned, ranking.options(), ranking.maxDocuments());
        });
  }

  static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    return classify(stream, uid, selector, null, options, models);
  }

  static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      RouteSelector<T> route,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    ClassifySelector<T> cleaned = clean(stream, selector);
    return add(
        stream,
        uid,
        route,
        options,
        models,
        each -> {
          LongDocumentConfig.from(each).requireWholeTexts();
          CascadeConfig.from(each).requireNone();
          return new ClassifyShape<>(
              cleaned, ClassifyConfig.from(each), LabelThresholds.from(each));
        });
  }

  /**
   * Removes what a user's class need not reference. Flink does so with the function's own fields,
   * and not within maps.
   */
  private static <T, F> F clean(DataStream<T> stream, F selector) {
    return stream.getExecutionEnvironment().clean(requireNonNull(selector, "selector is null"));
  }

  private static void requireNoThresholds(ReadableConfig options) {
    LabelThresholds thresholds = LabelThresholds.from(options);
    InvalidOptionException.check(
        thresholds.isEmpty(),
        CrossEncoderFunctionOptions.LABEL_THRESHOLD,
        thresholds,
        "Documents have scores and no labels: use %s instead."
            .formatted(CrossEncoderFunctionOptions.MIN_SCORE.key()));
  }

  private static <T, R> SingleOutputStreamOperator<R> add(
      DataStream<T> stream,
      String uid,
      RouteSelector<T> route,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models,
      Function<ReadableConfig, RecordShape<T, R>> shapeOf) {
    SortedMap<String, ReadableConfig> split = ModelOptions.split(options);
    SortedMap<String, RecordShape<T, R>> shapes =
        ModelOptions.map(split, (name, each) -> shapeOf.apply(each));
    RecordShape<T, R> any = shapes.get(shapes.firstKey());
    ModelsConfig config = configs(split, options, any.truncation());
    requireRoute(route, config);
    CrossEncoderFunction<T, R> function = new CrossEncoderFunction<>(shapes, config, route, models);
    ScoringConfig task = config.task();
    long timeout = task.timeout().toMillis();
    SingleOutputStreamOperator<R> results =
        task.order() == ResultOrder.ORDERED
            ? AsyncDataStream.orderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, task.capacity())
            : AsyncDataStream.unorderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, task.capacity());
    return results.returns(any.resultType(stream.getType())).name("cross-encoder " + uid).uid(uid);
  }

  private static ModelsConfig configs(
      SortedMap<String, ReadableConfig> split, ReadableConfig options, Truncation byDefault) {
    return ModelsConfig.of(
        ModelOptions.map(split, (name, each) -> ScoringConfig.from(each, byDefault)), options);
  }

  private static void requireRoute(RouteSelector<?> route, ModelsConfig config) {
    InvalidOptionException.check(
        route != null || !config.isRouted(),
        CrossEncoderFunctionOptions.MODELS,
        config.models().keySet(),
        "Records do not say which of these models scores them: add a route, or name one model with %s."
            .formatted(CrossEncoderFunctionOptions.MODEL.key()));
    InvalidOptionException.check(
        route == null || config.isRouted(),
        CrossEncoderFunctionOptions.MODELS,
        "missing",
        "Records choose a model by its name: name the models, or leave the route out.");
  }

  /**
   * Stores the task's own context. {@link #getRuntimeContext} returns a wrapper that does not give
   * access to the TaskManager.
   */
  @Override
  public void setRuntimeContext(RuntimeContext context) {
    super.setRuntimeContext(context);
    taskContext = context;
  }

  @Override
  public void open(OpenContext openContext) throws Exception {
    super.open(openContext);
    timeouts = new LogLimit();
    scorer =
        PairScorer.open(
            config,
            models.get(),
            TaskEnvironment.of(taskContext),
            config.task().capacity(),
            (name, bundle) ->
                shapes.get(name).open(bundle.manifest().name(), bundle.manifest().labels()),
            "timeout=%s order=%s".formatted(config.task().timeout(), config.task().order()));
  }

  @Override
  public void asyncInvoke(T element, ResultFuture<R> resultFuture) {
    scorer.checkDelivered();
    String name = ModelsConfig.UNNAMED;
    RecordShape.Request<R> request;
    try {
      name = route(element);
      request = shapes.get(name).request(element);
    } catch (InvalidRecordException e) {
      scorer.countFailed(e.failure().code());
      resultFuture.complete(List.of(failure(name, element, e.failure())));
      return;
    }
    if (request.pairs().isEmpty()) {
      resultFuture.complete(result(name, request.reducer(), List.of()));
      return;
    }
    Completion completion = new Completion(name, element, request.reducer(), resultFuture);
    scorer.submit(name, resultFuture, request.pairs(), completion);
  }

  /** Returns the name of the model that scores a record. */
  private String route(T element) throws InvalidRecordException {
    if (route == null) {
      return ModelsConfig.UNNAMED;
    }
    String name = route.route(element);
    if (name == null) {
      if (config.byDefault() == null) {
        throw new InvalidRecordException(
            Failure.UNKNOWN_MODEL,
            "The record names no model, and %s is not set. Models: %s."
                .formatted(
                    CrossEncoderFunctionOptions.ROUTE_DEFAULT.key(),
                    String.join(", ", shapes.keySet())));
      }
      return config.byDefault();
    }
    if (!shapes.containsKey(name)) {
      throw new InvalidRecordException(
          Failure.UNKNOWN_MODEL,
          "The record names a model that is not one of %s: %s."
              .formatted(
                  CrossEncoderFunctionOptions.MODELS.key(), String.join(", ", shapes.keySet())));
    }
    return name;
  }

  /** Returns no result for a record that is filtered out. */
  private List<R> result(String name, RecordShape.Reducer<R> reducer, List<PairOutcome> outcomes) {
    Optional<R> result = reducer.result(outcomes, scorer.stages(name));
    if (result.isEmpty()) {
      scorer.countFiltered();
      return List.of();
    }
    Failure failure = shapes.get(name).failureOf(result.get());
    if (failure == null) {
      scorer.countPassed();
    } else {
      scorer.countFailed(failure.code());
    }
    return List.of(result.get());
  }

  /** A record whose model is not known has the failure of no model. */
  private R failure(String name, T element, Failure failure) {
    if (!shapes.containsKey(name)) {
      return shapes.get(shapes.firstKey()).failure(element, failure, null, null);
    }
    List<Stage> stages = scorer.stages(name);
    Stage main = stages.get(stages.size() - 1);
    return shapes.get(name).failure(element, failure, main.model(), main.revision());
  }

  @Override
  public void timeout(T element, ResultFuture<R> resultFuture) {
    scorer.checkDelivered();
    String name = scorer.routeOf(resultFuture);
    String state = scorer.describe();
    if (!scorer.withdraw(resultFuture)) {
      return;
    }
    String message =
        "Record %s, the oldest in flight, was not scored within %s. On %s, %s."
            .formatted(RecordName.of(element), config.task().timeout(), scorer.device(), state);
    if (config.task().onTimeout() == TimeoutAction.DEAD_LETTER) {
      scorer.countFailed(Failure.TIMEOUT);
      if (timeouts.permits()) {
        LOG.warn(
            "{} It becomes a failed result. Further ones are logged once a minute at most.",
            message);
      }
      resultFuture.complete(List.of(failure(name, element, new Failure(Failure.TIMEOUT, message))));
    } else {
      resultFuture.complete(
          () -> {
            throw new TimeoutException(
                message
                    + " Raise %s if the device is only slow; a hanging device needs the restart that follows."
                        .formatted(CrossEncoderFunctionOptions.TIMEOUT.key()));
          });
    }
  }

  /** Abandons the records in flight; they are in the checkpoint, and Flink sends them again. */
  @Override
  public void close() throws Exception {
    if (scorer != null) {
      scorer.close();
    }
    super.close();
  }

  /**
   * Completes the future of a record on a scoring thread. The supplier, which creates the result
   * and updates metrics, runs on the task thread.
   */
  private final class Completion implements OutcomeListener {
    private final String name;
    private final T element;
    private final RecordShape.Reducer<R> reducer;
    private final ResultFuture<R> resultFuture;

    private Completion(
        String name, T element, RecordShape.Reducer<R> reducer, ResultFuture<R> resultFuture) {
      this.name = name;
      this.element = element;
      this.reducer = reducer;
      this.resultFuture = resultFuture;
    }

    @Override
    public boolean keepsFailedPairs() {
      return shapes.get(name).keepsFailedPairs();
    }

    @Override
    public void completed(List<PairOutcome> outcomes) {
      complete(
          () -> {
            scorer.countCompleted(name, outcomes);
            return result(name, reducer, outcomes);
          });
    }

    @Override
    public void failed(Failure failure) {
      complete(
          () -> {
            scorer.countFailed(failure.code());
            return List.of(failure(name, element, failure));
          });
    }

    @Override
    public void errored(Throwable error) {
      complete(
          () -> {
            throw new IllegalStateException(
                "Cannot score record %s on %s: %s"
                    .formatted(RecordName.of(element), scorer.device(), error),
                error);
          });
    }

    private void complete(Supplier<List<R>> results) {
      scorer.withdraw(resultFuture);
      try {
        resultFuture.complete(results::get);
      } catch (RejectedExecutionException e) {
        LOG.debug("The task has ended; the record is in its checkpoint", e);
      } catch (Throwable t) {
        // The future may already be marked as completed; then neither a result nor a timeout would
        // follow.
        scorer.failUndelivered(t);
      }
    }
  }
}
