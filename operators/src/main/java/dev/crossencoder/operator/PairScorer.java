package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a task that scores: a model that is leased on the device of the task's slot, the
 * task's lane in the model's {@link ScoringService}, its records in flight and its metrics. {@link
 * CrossEncoderFunction} and Flink SQL's function use it.
 *
 * <p>Threads: {@link #open}, {@link #submit} and {@link #close} belong to the task thread. The
 * other methods may be called by any thread.
 */
@Internal
public final class PairScorer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PairScorer.class);

  private final TaskEnvironment environment;
  private final ScoringMetrics metrics;
  private final Model model;
  private final Lane lane;

  /**
   * The keys are compared by identity: Flink's futures do not override equals, and no user code
   * runs.
   */
  private final Map<Object, PendingRecord> inFlight = new ConcurrentHashMap<>();

  /**
   * The exception because of which an outcome could not be passed to the task. It fails the task.
   */
  private volatile Throwable undelivered;

  private boolean closed;

  /** A leased model. */
  private record Model(String name, String revision, ModelRegistry.Lease lease) {}

  private PairScorer(TaskEnvironment environment, ScoringMetrics metrics, Model model) {
    this.environment = environment;
    this.metrics = metrics;
    this.model = model;
    this.lane = new Lane(metrics);
  }

  /**
   * Leases the model that the options name, from the registry of this JVM. Waits until it is
   * loaded.
   *
   * @param options a configuration with the keys of {@link CrossEncoderFunctionOptions}; {@code
   *     order}, {@code timeout} and {@code on-timeout} are the caller's
   * @param capacity the largest number of records in flight, for a metric
   * @param check refuses a model that does not fit, by an {@link IllegalArgumentException}, before
   *     it is loaded
   * @param settings further settings for the line that logs the start, such as {@code
   *     order=ordered}
   * @throws SuppressRestartsException if the model can never be used; any other exception may be
   *     temporary
   */
  public static PairScorer open(
      ReadableConfig options,
      TaskEnvironment environment,
      int capacity,
      Consumer<Bundle> check,
      String settings)
      throws InterruptedException {
    return open(
        ScoringConfig.from(options), ModelRegistry.SHARED, environment, capacity, check, settings);
  }

  static PairScorer open(
      ScoringConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      int capacity,
      Consumer<Bundle> check,
      String settings)
      throws InterruptedException {
    ScoringMetrics metrics = new ScoringMetrics(environment.metrics());
    Model model;
    try {
      checkCache(config.cacheBytes(), Runtime.getRuntime().maxMemory());
      model = lease(config, registry, environment, check);
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      // Other exceptions may be temporary, such as a lack of device memory: let Flink restart the
      // task.
      throw new SuppressRestartsException(e);
    }
    PairScorer scorer = new PairScorer(environment, metrics, model);
    ModelRegistry.Lease lease = model.lease();
    metrics.records(scorer.inFlight::size, capacity);
    metrics.model(
        model.name(),
        model.revision(),
        lease.device(),
        lease.loadMillis(),
        lease.service()::scoringThreads,
        lease.service()::cachedScores);
    BatchLimits limits = config.limits(lease.device());
    LOG.info(
        "Scoring starts: task=\"{}\" model={} digest={} device={} threads={} capacity={} batch-max-pairs={} batch-max-tokens={} {} load-ms={}",
        environment.task().getTaskNameWithSubtasks(),
        model.name(),
        model.revision(),
        lease.device(),
        lease.service().scoringThreads(),
        capacity,
        limits.maxPairs(),
        limits.maxTokens(),
        settings,
        lease.loadMillis());
    return scorer;
  }

  /**
   * Resolves the model once, so that results name the bundle that is leased even if the name is
   * later resolved to another one.
   */
  private static Model lease(
      ScoringConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      Consumer<Bundle> check)
      throws InterruptedException {
    ModelWait wait = new ModelWait(config, SlotResources.host(environment));
    while (true) {
      try {
        Bundle bundle = registry.resolve(config.model(), config.precision());
        checkDigest(bundle, config);
        check.accept(bundle);
        warnOfLogits(config, bundle);
        SlotResources resources = SlotResources.of(environment, config);
        ModelRegistry.Lease lease =
            registry.lease(
                bundle, config, resources.slot(), resources.devices(), resources.cpuThreads());
        return new Model(bundle.manifest().name(), bundle.digest(), lease);
      } catch (ModelUnavailableException e) {
        wait.pause(e);
      }
    }
  }

  /**
   * Checks that the heap has room for a cache.
   *
   * @throws InvalidOptionException if it is larger than half of the heap
   */
  @VisibleForTesting
  static void checkCache(long cacheBytes, long heapBytes) {
    InvalidOptionException.check(
        cacheBytes <= heapBytes / 2,
        CrossEncoderFunctionOptions.CACHE_MAX_SIZE,
        new MemorySize(cacheBytes),
        "It may be at most half of the heap, which is %s. Lower it, or raise taskmanager.memory.task.heap.size."
            .formatted(new MemorySize(heapBytes).toHumanReadableString()));
  }

  private static void warnOfLogits(ScoringConfig config, Bundle bundle) {
    BundleManifest manifest = bundle.manifest();
    boolean calibrated = config.activation() == ActivationChoice.AUTO && manifest.isCalibrated();
    boolean own =
        config.activation() == ActivationChoice.AUTO
            || config.activation() == ActivationChoice.MODEL;
    boolean identity =
        config.activation() == ActivationChoice.IDENTITY
            || (own && manifest.activation().known().equals(Optional.of(Activation.IDENTITY)));
    if (config.classify().labels() == null
        && !calibrated
        && identity
        && config.thresholds().looksLikeProbability()) {
      LOG.warn(
          "{}={} is compared with logits, because the activation of {} is identity. For probabilities, set {}=softmax, or calibrate the model.",
          CrossEncoderFunctionOptions.LABEL_THRESHOLD.key(),
          config.thresholds(),
          manifest.name(),
          CrossEncoderFunctionOptions.ACTIVATION.key());
    }
  }

  private static void checkDigest(Bundle bundle, ScoringConfig config) {
    if (config.modelDigest() != null && !config.modelDigest().equals(bundle.digest())) {
      throw new InvalidOptionException(
          CrossEncoderFunctionOptions.MODEL_DIGEST,
          config.modelDigest(),
          "The bundle %s has the digest %s. Pin that one if it is the model you want."
              .formatted(bundle.folder(), bundle.digest()));
    }
  }

  /** The name of the model. */
  public String model() {
    return model.name();
  }

  /** The digest of the model's bundle. */
  public String revision() {
    return model.revision();
  }

  /** The name of the device. */
  public String device() {
    return model.lease().device();
  }

  /** Describes in one sentence what waits and what the scoring threads are doing. */
  public String describe() {
    return model.lease().service().describe();
  }

  /**
   * Submits a record, without blocking.
   *
   * @param key identifies the record; compared by identity
   * @param pairs at least one
   * @param listener receives the outcome, unless the record is withdrawn or the scorer is closed
   */
  public void submit(Object key, List<TextPair> pairs, OutcomeListener listener) {
    PendingRecord record = new PendingRecord(lane, pairs, listener);
    inFlight.put(key, record);
    model.lease().service().submit(record);
  }

  /**
   * Removes a record from those in flight: its listener is not called, or has been. Returns whether
   * it was in flight.
   */
  public boolean withdraw(Object key) {
    PendingRecord record = inFlight.remove(requireNonNull(key, "key is null"));
    if (record != null) {
      record.abandon();
    }
    return record != null;
  }

  /** Counts the pairs of a completed record. */
  public void countCompleted(List<PairOutcome> outcomes) {
    metrics.completed(outcomes);
  }

  /** Counts a record with a result. */
  public void countPassed() {
    metrics.passed();
  }

  /** Counts a record that has scores and no result, because they are too low. */
  public void countFiltered() {
    metrics.filtered();
  }

  /** Counts a failed record. */
  public void countFailed(String code) {
    metrics.failed(code);
  }

  /** Throws an exception if the task could not be given the outcome of an earlier record. */
  void checkDelivered() {
    if (undelivered != null) {
      throw notDelivered(undelivered);
    }
  }

  /** Fails the task, from any thread, because the outcome of a record cannot be handed to it. */
  void failUndelivered(Throwable cause) {
    undelivered = cause;
    fail(notDelivered(cause), unused -> {});
  }

  /**
   * Fails the task, from any thread, with an exception that its own thread throws.
   *
   * @param otherwise receives the exception if the task thread cannot be reached
   */
  public void fail(RuntimeException exception, Consumer<RuntimeException> otherwise) {
    Optional<ProcessingTimeService> clock = environment.clock();
    if (clock.isEmpty()) {
      otherwise.accept(exception);
      return;
    }
    try {
      var unused =
          clock
              .get()
              .registerTimer(
                  clock.get().getCurrentProcessingTime(),
                  now -> {
                    throw exception;
                  });
    } catch (IllegalStateException e) {
      LOG.debug("The task has ended and needs no failure", e);
    }
  }

  private static IllegalStateException notDelivered(Throwable cause) {
    return new IllegalStateException(
        "Cannot hand the outcome of a record to the task: " + cause, cause);
  }

  /**
   * Abandons the records in flight and gives the model back. An exception from releasing the model
   * is logged and not thrown, because an exception during the clean-up of a failed task ends the
   * TaskManager.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    inFlight.values().forEach(PendingRecord::abandon);
    inFlight.clear();
    ModelRegistry.Lease lease = model.lease();
    try {
      lease.service().leave(lane);
      lease.close();
    } catch (RuntimeException e) {
      LOG.error("Cannot give back model {} on {} without an error", model(), lease.device(), e);
    }
  }
}
