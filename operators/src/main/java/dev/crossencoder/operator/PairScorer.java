package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a task that scores: its models on the device of the task's slot, its records in
 * flight and its metrics. {@link CrossEncoderFunction} and Flink SQL's function use it.
 *
 * <p>Threads: {@link #open}, {@link #submit} and {@link #close} belong to the task thread. The
 * other methods may be called by any thread.
 */
@Internal
public final class PairScorer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PairScorer.class);

  private final ModelsConfig config;
  private final ModelRegistry registry;
  private final TaskEnvironment environment;
  private final int capacity;
  private final String settings;
  private final BiConsumer<ModelKey, Bundle> check;
  private final ScoringMetrics metrics;
  private final ModelPool pool;

  /** Whether models come and go while the task runs. */
  private final boolean changing;

  /** The models that were found, each with its stages, first to last. */
  private final Map<ModelKey, List<Stage>> stages = new ConcurrentHashMap<>();

  /** The models that were found by their revisions. */
  private final Map<ModelKey, ModelRevision> revisions = new ConcurrentHashMap<>();

  /** The models to which the options lead, by their names, if models change. */
  private final Map<String, ModelKey> ofOptions = new ConcurrentHashMap<>();

  /** Makes finding and forgetting a model one step each. */
  private final Object known = new Object();

  /** Whether other revisions may take the place of the models of the options. */
  private final boolean live;

  /**
   * The keys are compared by identity: Flink's futures do not override equals, and no user code
   * runs.
   */
  private final Map<Object, RecordInFlight> inFlight = new ConcurrentHashMap<>();

  private final LongAccumulator longestLoadMillis = new LongAccumulator(Math::max, 0);

  private volatile String device = "";

  /** Keeps the slot on its device while models come and go. */
  private Runnable giveDeviceBack = () -> {};

  /**
   * The exception because of which an outcome could not be passed to the task. It fails the task.
   */
  private volatile Throwable undelivered;

  private boolean closed;

  private PairScorer(
      ModelsConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      int capacity,
      String settings,
      BiConsumer<ModelKey, Bundle> check,
      boolean live) {
    this.config = config;
    this.registry = registry;
    this.environment = environment;
    this.capacity = capacity;
    this.settings = settings;
    this.check = check;
    this.metrics = new ScoringMetrics(environment.metrics());
    this.live = live;
    this.changing = live || config.isBounded();
    this.pool =
        new ModelPool(
            changing, config.maxLoaded(), config.maxBytes(), this::openOrEndJob, this::forget);
  }

  /**
   * Leases the models that the options name, from the registry of this JVM. Waits until they are
   * loaded, or as many of them as may be loaded at the same time.
   *
   * @param options a configuration with the keys of {@link CrossEncoderFunctionOptions}; {@code
   *     order}, {@code timeout} and {@code on-timeout} are the caller's
   * @param capacity the largest number of records in flight, for a metric
   * @param check refuses a model, given by its name and its bundle, that does not fit, by an {@link
   *     IllegalArgumentException}, before it is loaded; the name of the only model is {@link
   *     ModelOptions#UNNAMED}
   * @param settings further settings for the line that logs the start, such as {@code
   *     order=ordered}
   * @throws SuppressRestartsException if the model can never be used; any other exception may be
   *     temporary
   */
  public static PairScorer open(
      ReadableConfig options,
      TaskEnvironment environment,
      int capacity,
      BiConsumer<String, Bundle> check,
      String settings)
      throws InterruptedException {
    return open(
        ModelsConfig.of(
            ModelOptions.map(ModelOptions.split(options), (name, each) -> ScoringConfig.from(each)),
            options),
        ModelRegistry.SHARED,
        environment,
        capacity,
        (key, bundle) -> check.accept(key.name(), bundle),
        settings,
        null);
  }

  /**
   * Finds and checks all models, and loads as many as may be loaded at the same time.
   *
   * @param check refuses a bundle that does not fit, by an {@link IllegalArgumentException}; called
   *     by any thread
   * @param tag the revisions with which the task begins; null if models do not change
   */
  static PairScorer open(
      ModelsConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      int capacity,
      BiConsumer<ModelKey, Bundle> check,
      String settings,
      ModelTag tag)
      throws InterruptedException {
    PairScorer scorer =
        new PairScorer(config, registry, environment, capacity, settings, check, tag != null);
    try {
      checkCache(cacheBytes(config), Runtime.getRuntime().maxMemory());
      scorer.openAll(tag == null ? ModelTag.NONE : tag);
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      // Other exceptions may be temporary, such as a lack of device memory: let Flink restart the
      // task.
      scorer.close();
      throw new SuppressRestartsException(e);
    } catch (Throwable t) {
      scorer.close();
      throw t;
    }
    scorer.register();
    return scorer;
  }

  private static long cacheBytes(ModelsConfig config) {
    return config.models().values().stream()
        .mapToLong(model -> (model.cascade().isSet() ? 2 : 1) * model.cacheBytes())
        .sorted()
        .skip(Math.max(0, config.models().size() - (long) config.maxLoaded()))
        .sum();
  }

  private void openAll(ModelTag tag) throws InterruptedException {
    List<ModelKey> keys = new ArrayList<>();
    for (String name : inOrder()) {
      if (changing) {
        findAtStart(name, tag.models().get(name)).ifPresent(keys::add);
      } else {
        keys.add(ModelKey.ofOptions(name));
        pool.add(ModelKey.ofOptions(name), 0);
      }
    }
    if (changing) {
      SlotResources resources = SlotResources.of(environment, config.device());
      giveDeviceBack = registry.keepDevice(resources.slot(), resources.devices());
    }
    for (ModelKey key : keys) {
      pool.preload(key);
    }
    pool.loaded().stream().findFirst().ifPresent(model -> device = model.device());
  }

  /**
   * Finds the model with which the task begins: the revision in use, or else the one to which the
   * options lead. A revision that has taken its place and is gone is looked for again when a record
   * needs it, because another one may be in use by now.
   *
   * @param entry null for the model of the options
   */
  private Optional<ModelKey> findAtStart(String name, ModelTag.Entry entry)
      throws InterruptedException {
    if (entry == null) {
      return Optional.of(find(name, null, true).key());
    }
    try {
      return Optional.of(find(name, entry.revision(), false).key());
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      LOG.warn("Cannot find the model {} with which the task was to begin", entry.revision(), e);
      return entry.isOfOptions() ? Optional.of(find(name, null, true).key()) : Optional.empty();
    }
  }

  /**
   * A model that was found, and can be loaded.
   *
   * @param revision the revision; null if models do not change
   * @param main the bundle of its main model
   * @param bytes the size of its files
   */
  record Found(ModelKey key, ModelRevision revision, Bundle main, long bytes) {}

  /**
   * Finds and checks a model, so that records can ask for it. May be called by any thread.
   *
   * @param wanted the revision; null for the one to which the options lead
   * @param patient whether a model that is unavailable is waited for
   * @throws InterruptedException as soon as the caller is interrupted
   * @throws InvalidModelException if the model can never be used
   * @throws IllegalArgumentException if the model does not fit the options
   * @throws ModelUnavailableException if the model is temporarily unavailable
   */
  Found find(String name, ModelRevision wanted, boolean patient) throws InterruptedException {
    ScoringConfig options = config.models().get(name);
    TaskModel.Found found =
        TaskModel.find(
            wanted == null ? options : options(name, wanted, patient),
            registry,
            environment,
            bundle -> check(foundKey(name, wanted, bundle), bundle));
    InvalidOptionException.check(
        found.bytes() <= config.maxBytes(),
        CrossEncoderFunctionOptions.MODELS_MAX_SIZE,
        new MemorySize(config.maxBytes()),
        "The model %s alone has %d bytes: raise it."
            .formatted(wanted == null ? name : wanted, found.bytes()));
    ModelKey key = foundKey(name, wanted, found.main());
    ModelRevision revision =
        key.digest() == null
            ? null
            : new ModelRevision(
                wanted == null ? options.source().model() : wanted.model(),
                key.digest(),
                realFolder(found.main()));
    synchronized (known) {
      if (revision != null) {
        revisions.put(key, revision);
      }
      if (live && wanted == null) {
        ofOptions.put(name, key);
      }
      stages.put(key, found.stages());
      pool.add(key, found.bytes());
    }
    return new Found(key, revision, found.main(), found.bytes());
  }

  private ScoringConfig options(String name, ModelRevision wanted, boolean patient) {
    ScoringConfig options = config.models().get(name);
    return options.ofRevision(
        place(wanted), wanted.digest(), patient ? options.source().maxWait() : Duration.ZERO);
  }

  /** If models change, also the one of the options is known by its digest. */
  private ModelKey foundKey(String name, ModelRevision wanted, Bundle bundle) {
    return wanted == null && !live ? ModelKey.ofOptions(name) : new ModelKey(name, bundle.digest());
  }

  /**
   * Returns the model of a revision.
   *
   * @param revision null for the model to which the options lead
   */
  ModelKey key(String name, ModelRevision revision) {
    return revision == null
        ? ofOptions.getOrDefault(name, ModelKey.ofOptions(name))
        : new ModelKey(name, revision.digest());
  }

  /** Returns whether the weights of a model are in memory already, for whichever task. */
  boolean isInMemory(Bundle bundle) {
    return registry.isInUse(bundle.digest());
  }

  /** Forgets a model that no record needs any more. */
  private void forget(ModelKey key) {
    List<Stage> gone;
    synchronized (known) {
      // Found again meanwhile.
      gone = pool.has(key) ? null : stages.remove(key);
    }
    if (gone != null) {
      gone.stream()
          .filter(stage -> stages.values().stream().noneMatch(each -> each.contains(stage)))
          .forEach(stage -> metrics.removeModelInfo(stage.model(), stage.revision(), device));
    }
  }

  /** Where a revision is: in the folder in which it was found, or else where its model leads. */
  private static String place(ModelRevision wanted) {
    if (wanted.folder() == null) {
      return wanted.model();
    }
    try {
      return Bundle.read(Path.of(wanted.folder())).digest().equals(wanted.digest())
          ? wanted.folder()
          : wanted.model();
    } catch (InvalidModelException | ModelUnavailableException e) {
      LOG.debug("The folder {} has no bundle any more", wanted.folder(), e);
      return wanted.model();
    }
  }

  /** Returns the folder to which symbolic links lead: they may lead to another one later. */
  private static String realFolder(Bundle bundle) {
    try {
      return bundle.folder().toRealPath().toString();
    } catch (IOException e) {
      throw new ModelUnavailableException(
          "Cannot find the folder %s: %s".formatted(bundle.folder(), e), e);
    }
  }

  private void check(ModelKey key, Bundle bundle) {
    check.accept(key, bundle);
    TaskModel.warnOfLogits(config.models().get(key.name()), bundle);
  }

  /** The default model first: it should be among those that are loaded. */
  private Collection<String> inOrder() {
    return Stream.concat(Stream.ofNullable(config.byDefault()), config.models().keySet().stream())
        .distinct()
        .toList();
  }

  /** Loads a model, before the first record or when one asks for it. */
  private TaskModel openOrEndJob(ModelKey key) throws InterruptedException {
    try {
      return open(key);
    } catch (InvalidModelException | IllegalArgumentException | ModelUnavailableException e) {
      throw new SuppressRestartsException(e);
    }
  }

  private TaskModel open(ModelKey key) throws InterruptedException {
    // Not null if the model was found or loaded before. Then it was checked, too, and the shape of
    // its records is in use.
    List<Stage> known = stages.get(key);
    ScoringConfig options = config.models().get(key.name());
    ModelRevision revision = revisions.get(key);
    TaskModel model =
        TaskModel.open(
            revision == null ? options : options(key.name(), revision, true),
            registry,
            environment,
            metrics,
            bundle -> {
              if (known == null) {
                check(key, bundle);
              }
            });
    if (known == null) {
      stages.put(key, model.stages());
    } else if (!known.equals(model.stages())) {
      model.close();
      throw new IllegalStateException(
          "The model %s has changed since the task was started: its bundle was %s and is %s. The task starts again with that one."
              .formatted(key, known, model.stages()));
    }
    longestLoadMillis.accumulate(model.loadMillis().get(model.loadMillis().size() - 1));
    if (device.isEmpty()) {
      device = model.device();
    }
    logStart(key, model);
    register(model);
    return model;
  }

  private void register() {
    metrics.records(inFlight::size, capacity);
    metrics.distribution(config.task().driftReference());
    metrics.models(
        longestLoadMillis::get,
        () ->
            pool.loaded().stream()
                .map(model -> model.scoringThreads().get(model.scoringThreads().size() - 1))
                .mapToInt(Integer::intValue)
                .sum(),
        () -> pool.loaded().stream().mapToLong(TaskModel::cachedScores).sum());
    stages.values().stream().flatMap(List::stream).forEach(stage -> register(stage, device));
    if (stages.values().stream().anyMatch(each -> each.size() > 1)) {
      metrics.stages(2);
    }
    if (config.isRouted()) {
      for (String name : config.models().keySet()) {
        metrics.route(
            name,
            () -> pool.isLoaded(name) ? 1 : 0,
            () -> pool.loads(name),
            () -> pool.waiting(name));
      }
    }
  }

  private void register(TaskModel model) {
    model.stages().forEach(stage -> register(stage, model.device()));
  }

  private void register(Stage stage, String onDevice) {
    metrics.modelInfo(stage.model(), stage.revision(), onDevice);
  }

  private void logStart(ModelKey key, TaskModel model) {
    BatchLimits limits = config.models().get(key.name()).limits(model.device());
    for (int stage = 0; stage < model.stages().size(); stage++) {
      LOG.info(
          "Scoring starts: task=\"{}\"{} model={} digest={} device={} threads={} capacity={} batch-max-pairs={} batch-max-tokens={} {}{} load-ms={}",
          environment.task().getTaskNameWithSubtasks(),
          config.isRouted() ? " route=" + key.name() : "",
          model.stages().get(stage).model(),
          model.stages().get(stage).revision(),
          model.device(),
          model.scoringThreads().get(stage),
          capacity,
          limits.maxPairs(),
          limits.maxTokens(),
          settings,
          model.cascade() == null ? "" : " stage=%d rule=\"%s\"".formatted(stage, model.cascade()),
          model.loadMillis().get(stage));
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

  /**
   * Returns the name of the model of a record.
   *
   * @param named the name that the record has; null if it has none
   * @throws InvalidRecordException if there is no such model
   */
  public String route(String named) throws InvalidRecordException {
    return config.route(named);
  }

  /** Returns the digest of a model's bundle; in a cascade, of the main model's. */
  public String revision(String name) {
    return stages(ModelKey.ofOptions(name)).get(lastStage(name)).revision();
  }

  /**
   * Returns the stages of a model, first to last; one unless there is a cascade. The last one is
   * the main model.
   */
  List<Stage> stages(ModelKey key) {
    return requireNonNull(stages.get(key), key::toString);
  }

  /**
   * Returns the stages of a model, as {@link #stages} does; null if it was not found, so that no
   * record can ask for it.
   */
  List<Stage> stagesIfFound(ModelKey key) {
    return stages.get(key);
  }

  /** Returns whether a model is loaded. */
  boolean isLoaded(ModelKey key) {
    return pool.isLoaded(key);
  }

  /** Loads a model that was found, as {@link ModelPool#prepare} does. */
  CompletableFuture<TaskModel> prepare(ModelKey key) {
    return pool.prepare(key);
  }

  /** Gives models back as {@link ModelPool#keepOnly} does. */
  void keepOnly(Set<ModelKey> needed) {
    pool.keepOnly(needed);
  }

  /** Returns the number of a model's main stage: 0, or 1 in a cascade. */
  public int lastStage(String name) {
    return stages(ModelKey.ofOptions(name)).size() - 1;
  }

  /** The name of the device. */
  public String device() {
    return device;
  }

  /** Describes in one sentence what waits and what the scoring threads are doing. */
  public String describe() {
    List<String> sentences = new ArrayList<>();
    for (String name : config.models().keySet()) {
      int waiting = pool.waiting(name);
      if (waiting > 0) {
        sentences.add("%d records wait until the model %s is loaded".formatted(waiting, name));
      }
    }
    pool.loaded().stream().map(TaskModel::describe).distinct().forEach(sentences::add);
    return sentences.isEmpty() ? "no model is loaded" : String.join(". ", sentences);
  }

  /**
   * Submits a record to the model of a name, without blocking.
   *
   * @param key identifies the record; compared by identity
   * @param pairs at least one
   * @param listener receives the outcome, unless the record is withdrawn or the scorer is closed
   */
  public void submit(String name, Object key, List<TextPair> pairs, OutcomeListener listener) {
    submit(ModelKey.ofOptions(name), key, pairs, listener);
  }

  /** Submits a record to a model, without blocking. */
  void submit(ModelKey model, Object key, List<TextPair> pairs, OutcomeListener listener) {
    RecordInFlight record = new RecordInFlight(model);
    inFlight.put(key, record);
    pool.submit(record, pairs, listener);
  }

  /** Returns the model of a record in flight; null if it is not in flight any more. */
  ModelKey modelOf(Object key) {
    RecordInFlight record = inFlight.get(requireNonNull(key, "key is null"));
    return record == null ? null : record.model();
  }

  /**
   * Removes a record from those in flight: its listener is not called, or has been. Returns whether
   * it was in flight.
   */
  public boolean withdraw(Object key) {
    RecordInFlight record = inFlight.remove(requireNonNull(key, "key is null"));
    if (record != null) {
      record.withdraw();
      pool.finished(record);
    }
    return record != null;
  }

  /** Counts the pairs of a completed record of the model of a name. */
  public void countCompleted(String name, List<PairOutcome> outcomes) {
    metrics.completed(outcomes);
    metrics.completedBy(name, outcomes);
  }

  /** Counts a record that another revision scores than the one of its tag. */
  void countRetagged() {
    metrics.retagged();
  }

  /** The number of records in flight. */
  int recordsInFlight() {
    return inFlight.size();
  }

  /** Registers the number of records that are left out. */
  void registerDropped() {
    metrics.drops();
  }

  /** Counts a record that is left out, because many wait or the engine has failed. */
  void countDropped() {
    metrics.dropped();
  }

  /** Registers the version of the models that score. */
  void registerVersion(LongSupplier version) {
    metrics.version(version);
  }

  /** Counts a record with a result. */
  public void countPassed() {
    metrics.passed();
  }

  /** Counts a record that has scores and no result, because they are too low. */
  public void countFiltered() {
    metrics.filtered();
  }

  /**
   * Counts a failed record.
   *
   * @param name the name of its model; null if there is no such model
   */
  public void countFailed(String name, String code) {
    metrics.failed(code);
    if (name != null) {
      metrics.failedBy(name);
    }
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
    inFlight.values().forEach(RecordInFlight::withdraw);
    inFlight.clear();
    pool.close();
    giveDeviceBack.run();
  }
}
