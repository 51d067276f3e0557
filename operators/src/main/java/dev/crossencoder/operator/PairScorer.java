package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Cascade;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a task that scores: a model that is leased on the device of the task's slot, the
 * task's lane in the model's {@link ScoringService}, its records in flight and its metrics; in a
 * cascade, two models on the same device. {@link CrossEncoderFunction} and Flink SQL's function use
 * it.
 *
 * <p>Threads: {@link #open}, {@link #submit} and {@link #close} belong to the task thread. The
 * other methods may be called by any thread.
 */
@Internal
public final class PairScorer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PairScorer.class);

  private final TaskEnvironment environment;
  private final ScoringMetrics metrics;

  /** The models, first to last: the last one is the main model. */
  private final List<Model> models;

  private final List<Stage> stages;

  /** Null without a cascade. */
  private final Cascade cascade;

  /**
   * The keys are compared by identity: Flink's futures do not override equals, and no user code
   * runs.
   */
  private final Map<Object, InFlight> inFlight = new ConcurrentHashMap<>();

  /**
   * The exception because of which an outcome could not be passed to the task. It fails the task.
   */
  private volatile Throwable undelivered;

  private boolean closed;

  /** A leased model, and the lane of the task in its service. */
  private record Model(Bundle bundle, ModelRegistry.Lease lease, Lane lane) {
    private String name() {
      return bundle.manifest().name();
    }

    private String revision() {
      return bundle.digest();
    }

    private ScoringService service() {
      return lease.service();
    }

    private void giveBack() {
      try {
        service().leave(lane);
        lease.close();
      } catch (RuntimeException e) {
        LOG.error("Cannot give back model {} on {} without an error", name(), lease.device(), e);
      }
    }
  }

  /**
   * A record in flight, which is with one model at a time. Its lock makes sure that a record which
   * was withdrawn is not given to the next model.
   */
  private static final class InFlight {
    private PendingRecord current;
    private boolean withdrawn;

    /** Gives the record to a model, unless it was withdrawn. */
    private synchronized void submit(Model model, List<TextPair> pairs, OutcomeListener listener) {
      if (!withdrawn) {
        current = new PendingRecord(model.lane(), pairs, listener);
        model.service().submit(current);
      }
    }

    private void withdraw() {
      PendingRecord last;
      synchronized (this) {
        withdrawn = true;
        last = current;
      }
      if (last != null) {
        last.abandon();
      }
    }
  }

  private PairScorer(
      TaskEnvironment environment, ScoringMetrics metrics, List<Model> models, Cascade cascade) {
    this.environment = environment;
    this.metrics = metrics;
    this.models = models;
    this.stages = models.stream().map(model -> new Stage(model.name(), model.revision())).toList();
    this.cascade = cascade;
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
    PairScorer scorer;
    try {
      int caches = config.cascade().isSet() ? 2 : 1;
      checkCache(caches * config.cacheBytes(), Runtime.getRuntime().maxMemory());
      scorer = lease(config, registry, environment, metrics, check);
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      // Other exceptions may be temporary, such as a lack of device memory: let Flink restart the
      // task.
      throw new SuppressRestartsException(e);
    }
    Model model = scorer.main();
    ModelRegistry.Lease lease = model.lease();
    metrics.records(scorer.inFlight::size, capacity);
    metrics.model(
        lease.loadMillis(),
        lease.service()::scoringThreads,
        () -> scorer.models.stream().mapToLong(each -> each.service().cachedScores()).sum());
    scorer.stages.stream()
        .distinct()
        .forEach(stage -> metrics.modelInfo(stage.model(), stage.revision(), lease.device()));
    if (scorer.cascade != null) {
      metrics.stages(scorer.models.size());
      Model first = scorer.models.get(0);
      LOG.info(
          "Scoring starts with a cascade: task=\"{}\" first-model={} digest={} device={} threads={} rule={} load-ms={}",
          environment.task().getTaskNameWithSubtasks(),
          first.name(),
          first.revision(),
          first.lease().device(),
          first.service().scoringThreads(),
          scorer.cascade,
          first.lease().loadMillis());
    }
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

  /** Leases the main model, and in a cascade the first one, too. */
  private static PairScorer lease(
      ScoringConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      ScoringMetrics metrics,
      Consumer<Bundle> check)
      throws InterruptedException {
    Model main =
        lease(
            config,
            CrossEncoderFunctionOptions.MODEL_DIGEST,
            registry,
            environment,
            metrics,
            bundle -> {
              check.accept(bundle);
              warnOfLogits(config, bundle);
            });
    if (!config.cascade().isSet()) {
      return new PairScorer(environment, metrics, List.of(main), null);
    }
    try {
      AtomicReference<Cascade> cascade = new AtomicReference<>();
      Model first =
          lease(
              config.ofFirstModel(),
              CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST,
              registry,
              environment,
              metrics,
              bundle ->
                  cascade.set(
                      config.cascade().rule(bundle, main.bundle(), config.rank().minScore())));
      return new PairScorer(environment, metrics, List.of(first, main), cascade.get());
    } catch (Throwable t) {
      main.giveBack();
      throw t;
    }
  }

  /**
   * Resolves the model once, so that results name the bundle that is leased even if the name is
   * later resolved to another one.
   */
  private static Model lease(
      ScoringConfig config,
      ConfigOption<String> digest,
      ModelRegistry registry,
      TaskEnvironment environment,
      ScoringMetrics metrics,
      Consumer<Bundle> check)
      throws InterruptedException {
    ModelWait wait = new ModelWait(config, SlotResources.host(environment));
    while (true) {
      try {
        Bundle bundle = registry.resolve(config.model(), config.precision());
        checkDigest(bundle, config, digest);
        check.accept(bundle);
        SlotResources resources = SlotResources.of(environment, config);
        ModelRegistry.Lease lease =
            registry.lease(
                bundle, config, resources.slot(), resources.devices(), resources.cpuThreads());
        return new Model(bundle, lease, new Lane(metrics));
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

  private static void checkDigest(
      Bundle bundle, ScoringConfig config, ConfigOption<String> option) {
    if (config.modelDigest() != null && !config.modelDigest().equals(bundle.digest())) {
      throw new InvalidOptionException(
          option,
          config.modelDigest(),
          "The bundle %s has the digest %s. Pin that one if it is the model you want."
              .formatted(bundle.folder(), bundle.digest()));
    }
  }

  private Model main() {
    return models.get(models.size() - 1);
  }

  /** The name of the main model. */
  public String model() {
    return main().name();
  }

  /** The digest of the main model's bundle. */
  public String revision() {
    return main().revision();
  }

  /** The models, first to last; one unless there is a cascade. */
  List<Stage> stages() {
    return stages;
  }

  /** The number of the main model: 0, or 1 in a cascade. */
  public int lastStage() {
    return stages.size() - 1;
  }

  /** The name of the device. */
  public String device() {
    return main().lease().device();
  }

  /** Describes in one sentence what waits and what the scoring threads are doing. */
  public String describe() {
    return models.stream()
        .map(model -> model.service().describe())
        .distinct()
        .collect(Collectors.joining(". In the second stage of the cascade, "));
  }

  /**
   * Submits a record, without blocking.
   *
   * @param key identifies the record; compared by identity
   * @param pairs at least one
   * @param listener receives the outcome, unless the record is withdrawn or the scorer is closed
   */
  public void submit(Object key, List<TextPair> pairs, OutcomeListener listener) {
    InFlight record = new InFlight();
    inFlight.put(key, record);
    record.submit(
        models.get(0),
        pairs,
        cascade == null ? listener : new FirstStage(record, List.copyOf(pairs), listener));
  }

  /** Receives the outcomes of the first model, and gives the pairs that matter to the main one. */
  private final class FirstStage implements OutcomeListener {
    private final InFlight record;
    private final List<TextPair> pairs;
    private final OutcomeListener listener;

    private FirstStage(InFlight record, List<TextPair> pairs, OutcomeListener listener) {
      this.record = record;
      this.pairs = pairs;
      this.listener = listener;
    }

    @Override
    public void completed(List<PairOutcome> outcomes) {
      List<Integer> indexes;
      try {
        indexes = PairOutcome.forMainModel(cascade, outcomes);
        if (!indexes.isEmpty()) {
          record.submit(
              main(),
              indexes.stream().map(pairs::get).toList(),
              new MainStage(outcomes, indexes, listener));
        }
      } catch (Throwable t) {
        // Nobody else would tell the task: the first model is done with the record.
        listener.errored(t);
        return;
      }
      if (indexes.isEmpty()) {
        listener.completed(outcomes);
      }
    }

    @Override
    public void failed(Failure failure) {
      listener.failed(failure);
    }

    @Override
    public void errored(Throwable error) {
      listener.errored(error);
    }

    @Override
    public boolean keepsFailedPairs() {
      return listener.keepsFailedPairs();
    }
  }

  /** Adds the outcomes of the main model to those of the first one. */
  private record MainStage(
      List<PairOutcome> firstOutcomes, List<Integer> indexes, OutcomeListener listener)
      implements OutcomeListener {
    @Override
    public void completed(List<PairOutcome> outcomes) {
      List<PairOutcome> merged;
      try {
        merged = PairOutcome.merge(firstOutcomes, indexes, outcomes);
      } catch (Throwable t) {
        listener.errored(t);
        return;
      }
      listener.completed(merged);
    }

    @Override
    public void failed(Failure failure) {
      listener.failed(failure);
    }

    @Override
    public void errored(Throwable error) {
      listener.errored(error);
    }

    @Override
    public boolean keepsFailedPairs() {
      return listener.keepsFailedPairs();
    }
  }

  /**
   * Removes a record from those in flight: its listener is not called, or has been. Returns whether
   * it was in flight.
   */
  public boolean withdraw(Object key) {
    InFlight record = inFlight.remove(requireNonNull(key, "key is null"));
    if (record != null) {
      record.withdraw();
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
    inFlight.values().forEach(InFlight::withdraw);
    inFlight.clear();
    models.forEach(Model::giveBack);
  }
}
