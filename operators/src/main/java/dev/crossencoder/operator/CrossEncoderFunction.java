package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ResultOrder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.TimeoutAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
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
 */
@PublicEvolving
public final class CrossEncoderFunction<T> extends RichAsyncFunction<T, Scored<T>> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderFunction.class);

  private final PairSelector<T> selector;
  private final ScoringConfig config;
  private final SerializableSupplier<ModelRegistry> models;

  private transient RuntimeContext taskContext;
  private transient ScoringMetrics metrics;
  private transient ModelRegistry.Lease lease;
  private transient String model;
  private transient String revision;
  private transient Lane lane;

  /**
   * The keys are compared by identity: Flink's futures do not override equals, and no user code
   * runs.
   */
  private transient Map<ResultFuture<Scored<T>>, PendingRecord> inFlight;

  private transient LogLimit timeouts;

  /**
   * The exception because of which an outcome could not be passed to the task. It fails the task.
   */
  private transient volatile Throwable undelivered;

  /**
   * Creates a function.
   *
   * @param models supplies the model registry of the JVM in which the function runs
   */
  CrossEncoderFunction(
      PairSelector<T> selector, ScoringConfig config, SerializableSupplier<ModelRegistry> models) {
    this.selector = requireNonNull(selector, "selector is null");
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
    ScoringConfig config = ScoringConfig.from(options);
    CrossEncoderFunction<T> function = new CrossEncoderFunction<>(selector, config, models);
    long timeout = config.timeout().toMillis();
    SingleOutputStreamOperator<Scored<T>> scored =
        config.order() == ResultOrder.ORDERED
            ? AsyncDataStream.orderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, config.capacity())
            : AsyncDataStream.unorderedWait(
                stream, function, timeout, TimeUnit.MILLISECONDS, config.capacity());
    TypeInformation<Scored<T>> results = Scored.typeInformation(stream.getType());
    return scored.returns(results).name("cross-encoder " + uid).uid(uid);
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
    inFlight = new ConcurrentHashMap<>();
    timeouts = new LogLimit();
    metrics = new ScoringMetrics(getRuntimeContext().getMetricGroup());
    try {
      leaseModel();
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      // Other exceptions may be temporary, such as a lack of device memory: let Flink restart the
      // task.
      throw new SuppressRestartsException(e);
    }
    lane = new Lane(metrics);
    metrics.records(inFlight::size, config.capacity());
    metrics.model(
        model, revision, lease.device(), lease.loadMillis(), lease.service()::scoringThreads);
    logStart();
  }

  /**
   * Resolves the model once, so that results name the bundle that is leased even if the name is
   * later resolved to another one.
   */
  private void leaseModel() throws InterruptedException {
    ModelRegistry registry = models.get();
    ModelWait wait = new ModelWait(config, SlotResources.host(taskContext));
    while (lease == null) {
      try {
        Bundle bundle = registry.resolve(config.model());
        checkDigest(bundle);
        SlotResources resources = SlotResources.of(taskContext, config);
        lease =
            registry.lease(
                bundle, config, resources.slot(), resources.devices(), resources.cpuThreads());
        model = bundle.manifest().name();
        revision = bundle.digest();
      } catch (ModelUnavailableException e) {
        wait.pause(e);
      }
    }
  }

  private void logStart() {
    BatchLimits limits = config.limits(lease.device());
    LOG.info(
        "Scoring starts: task=\"{}\" model={} digest={} device={} threads={} capacity={} batch-max-pairs={} batch-max-tokens={} timeout={} order={} load-ms={}",
        taskContext.getTaskInfo().getTaskNameWithSubtasks(),
        model,
        revision,
        lease.device(),
        lease.service().scoringThreads(),
        config.capacity(),
        limits.maxPairs(),
        limits.maxTokens(),
        config.timeout(),
        config.order(),
        lease.loadMillis());
  }

  private void checkDigest(Bundle bundle) {
    if (config.modelDigest() != null && !config.modelDigest().equals(bundle.digest())) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.MODEL_DIGEST,
          config.modelDigest(),
          "The bundle %s has the digest %s. Pin that one if it is the model you want."
              .formatted(bundle.folder(), bundle.digest()));
    }
  }

  @Override
  public void asyncInvoke(T element, ResultFuture<Scored<T>> resultFuture) {
    checkDelivered();
    List<TextPair> texts;
    try {
      texts = checked(element, selector.pairs(element));
    } catch (InvalidRecordException e) {
      metrics.failed(e.failure().code());
      resultFuture.complete(List.of(failure(element, e.failure())));
      return;
    }
    if (texts.isEmpty()) {
      resultFuture.complete(List.of(success(element, List.of())));
      return;
    }
    PendingRecord record = new PendingRecord(lane, texts, new Completion(element, resultFuture));
    inFlight.put(resultFuture, record);
    lease.service().submit(record);
  }

  private Scored<T> success(T element, List<Score> scores) {
    return Scored.success(element, scores, model, revision);
  }

  private Scored<T> failure(T element, Failure failure) {
    return Scored.failure(element, failure, model, revision);
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

  private void checkDelivered() {
    if (undelivered != null) {
      throw notDelivered(undelivered);
    }
  }

  private static IllegalStateException notDelivered(Throwable cause) {
    return new IllegalStateException(
        "Cannot hand the outcome of a record to the task: " + cause, cause);
  }

  @Override
  public void timeout(T element, ResultFuture<Scored<T>> resultFuture) {
    checkDelivered();
    PendingRecord record = inFlight.remove(resultFuture);
    if (record == null) {
      return;
    }
    record.abandon();
    String message =
        "Record %s, the oldest in flight, was not scored within %s. On %s, %s."
            .formatted(
                RecordName.of(element),
                config.timeout(),
                lease.device(),
                lease.service().describe());
    if (config.onTimeout() == TimeoutAction.DEAD_LETTER) {
      metrics.failed(Failure.TIMEOUT);
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

  /**
   * Abandons the records in flight; they are in the checkpoint, and Flink sends them again. An
   * exception from releasing the model is logged and not thrown, because an exception during the
   * clean-up of a failed task ends the TaskManager.
   */
  @Override
  public void close() throws Exception {
    if (inFlight != null) {
      inFlight.values().forEach(PendingRecord::abandon);
      inFlight.clear();
    }
    if (lease != null) {
      ModelRegistry.Lease given = lease;
      lease = null;
      try {
        if (lane != null) {
          given.service().leave(lane);
        }
        given.close();
      } catch (RuntimeException e) {
        LOG.error("Cannot give back model {} on {} without an error", model, given.device(), e);
      }
    }
    super.close();
  }

  /**
   * Completes the future of a record on a scoring thread. The supplier, which creates the result
   * and updates metrics, runs on the task thread.
   */
  private final class Completion implements PendingRecord.Listener {
    private final T element;
    private final ResultFuture<Scored<T>> resultFuture;
    private final String device = lease.device();

    private Completion(T element, ResultFuture<Scored<T>> resultFuture) {
      this.element = element;
      this.resultFuture = resultFuture;
    }

    @Override
    public void scored(List<Score> scores) {
      complete(
          () -> {
            metrics.scored(scores);
            return success(element, scores);
          });
    }

    @Override
    public void failed(Failure failure) {
      complete(
          () -> {
            metrics.failed(failure.code());
            return failure(element, failure);
          });
    }

    @Override
    public void errored(Throwable error) {
      complete(
          () -> {
            throw new IllegalStateException(
                "Cannot score record %s on %s: %s".formatted(RecordName.of(element), device, error),
                error);
          });
    }

    private void complete(Supplier<Scored<T>> result) {
      inFlight.remove(resultFuture);
      try {
        resultFuture.complete(() -> List.of(result.get()));
      } catch (RejectedExecutionException e) {
        LOG.debug("The task has ended; the record is in its checkpoint", e);
      } catch (Throwable t) {
        // The future may already be marked as completed; then neither a result nor a timeout would
        // follow.
        failTask(t);
      }
    }
  }

  /** Fails the task from another thread. */
  private void failTask(Throwable cause) {
    undelivered = cause;
    if (taskContext instanceof StreamingRuntimeContext streaming) {
      ProcessingTimeService clock = streaming.getProcessingTimeService();
      var unused =
          clock.registerTimer(
              clock.getCurrentProcessingTime(),
              now -> {
                throw notDelivered(cause);
              });
    }
  }
}
