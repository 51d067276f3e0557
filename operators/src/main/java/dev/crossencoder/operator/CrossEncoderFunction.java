package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.flink.annotation.PublicEvolving;
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

  private final RecordShape<T, R> shape;
  private final ScoringConfig config;
  private final SerializableSupplier<ModelRegistry> models;

  private transient RuntimeContext taskContext;
  private transient PairScorer scorer;
  private transient LogLimit timeouts;

  /**
   * Creates a function.
   *
   * @param models supplies the model registry of the JVM in which the function runs
   */
  CrossEncoderFunction(
      RecordShape<T, R> shape, ScoringConfig config, SerializableSupplier<ModelRegistry> models) {
    this.shape = requireNonNull(shape, "shape is null");
    this.config = requireNonNull(config, "config is null");
    this.models = requireNonNull(models, "models is null");
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
   * Checks the options as {@link #score} does, without a stream.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static void validate(ReadableConfig options) {
    ScoringConfig.from(options);
  }

  static <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> stream,
      String uid,
      PairSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    CascadeConfig.from(options).requirePairs();
    RecordShape<T, Scored<T>> shape =
        RecordShapes.pairs(
            selector, RankConfig.from(options).options().minScore(), LabelThresholds.from(options));
    return add(stream, uid, shape, options, models);
  }

  static <T> SingleOutputStreamOperator<Ranked<T>> rank(
      DataStream<T> stream,
      String uid,
      RankSelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    requireNoThresholds(options);
    CascadeConfig.from(options).requireLists();
    RankConfig ranking = RankConfig.from(options);
    RecordShape<T, Ranked<T>> shape =
        RecordShapes.documents(selector, ranking.options(), ranking.maxDocuments());
    return add(stream, uid, shape, options, models);
  }

  static <T> SingleOutputStreamOperator<Classified<T>> classify(
      DataStream<T> stream,
      String uid,
      ClassifySelector<T> selector,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    LongDocumentConfig.from(options).requireWholeTexts();
    CascadeConfig.from(options).requireNone();
    ClassifyShape<T> shape =
        new ClassifyShape<>(selector, ClassifyConfig.from(options), LabelThresholds.from(options));
    return add(stream, uid, shape, options, models);
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
      RecordShape<T, R> shape,
      ReadableConfig options,
      SerializableSupplier<ModelRegistry> models) {
    ScoringConfig config = ScoringConfig.from(options, shape.truncation());
    CrossEncoderFunction<T, R> function = new CrossEncoderFunction<>(shape, config, models);
    long timeout = config.timeout().toMillis();
    SingleOutputStreamOperator<R> results =
        config.order() == ResultOrder.ORDERED
            ? AsyncDataStream.orderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, config.capacity())
            : AsyncDataStream.unorderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, config.capacity());
    return results
        .returns(shape.resultType(stream.getType()))
        .name("cross-encoder " + uid)
        .uid(uid);
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
            config.capacity(),
            bundle -> shape.open(bundle.manifest().name(), bundle.manifest().labels()),
            "timeout=%s order=%s".formatted(config.timeout(), config.order()));
  }

  @Override
  public void asyncInvoke(T element, ResultFuture<R> resultFuture) {
    scorer.checkDelivered();
    RecordShape.Request<R> request;
    try {
      request = shape.request(element);
    } catch (InvalidRecordException e) {
      scorer.countFailed(e.failure().code());
      resultFuture.complete(List.of(failure(element, e.failure())));
      return;
    }
    if (request.pairs().isEmpty()) {
      resultFuture.complete(result(request.reducer(), List.of()));
      return;
    }
    Completion completion = new Completion(element, request.reducer(), resultFuture);
    scorer.submit(resultFuture, request.pairs(), completion);
  }

  /** Returns no result for a record that is filtered out. */
  private List<R> result(RecordShape.Reducer<R> reducer, List<PairOutcome> outcomes) {
    Optional<R> result = reducer.result(outcomes, scorer.stages());
    if (result.isEmpty()) {
      scorer.countFiltered();
      return List.of();
    }
    Failure failure = shape.failureOf(result.get());
    if (failure == null) {
      scorer.countPassed();
    } else {
      scorer.countFailed(failure.code());
    }
    return List.of(result.get());
  }

  private R failure(T element, Failure failure) {
    return shape.failure(element, failure, scorer.model(), scorer.revision());
  }

  @Override
  public void timeout(T element, ResultFuture<R> resultFuture) {
    scorer.checkDelivered();
    if (!scorer.withdraw(resultFuture)) {
      return;
    }
    String message =
        "Record %s, the oldest in flight, was not scored within %s. On %s, %s."
            .formatted(
                RecordName.of(element), config.timeout(), scorer.device(), scorer.describe());
    if (config.onTimeout() == TimeoutAction.DEAD_LETTER) {
      scorer.countFailed(Failure.TIMEOUT);
      if (timeouts.permits()) {
        LOG.warn(
            "{} It becomes a failed result. Further ones are logged once a minute at most.",
            message);
      }
      resultFuture.complete(List.of(failure(element, new Failure(Failure.TIMEOUT, message))));
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
    private final T element;
    private final RecordShape.Reducer<R> reducer;
    private final ResultFuture<R> resultFuture;

    private Completion(T element, RecordShape.Reducer<R> reducer, ResultFuture<R> resultFuture) {
      this.element = element;
      this.reducer = reducer;
      this.resultFuture = resultFuture;
    }

    @Override
    public boolean keepsFailedPairs() {
      return shape.keepsFailedPairs();
    }

    @Override
    public void completed(List<PairOutcome> outcomes) {
      complete(
          () -> {
            scorer.countCompleted(outcomes);
            return result(reducer, outcomes);
          });
    }

    @Override
    public void failed(Failure failure) {
      complete(
          () -> {
            scorer.countFailed(failure.code());
            return List.of(failure(element, failure));
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
