package dev.crossencoder.operator;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that a task has leased on the device of its slot, with the task's lane in the model's
 * {@link ScoringService}; in a cascade, two models on the same device.
 *
 * <p>Threads: {@link #submit} may be called by any thread and does not block. {@link #close} is
 * called once.
 */
final class TaskModel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskModel.class);

  /** First to last: the last one is the main model. */
  private final List<Part> parts;

  private final List<Stage> stages;

  /** Null without a cascade. */
  private final Cascade cascade;

  /** One leased model. */
  private record Part(Bundle bundle, ModelRegistry.Lease lease, Lane lane) {
    private String name() {
      return bundle.manifest().name();
    }

    private ScoringService service() {
      return lease.service();
    }

    private void giveBack() {
      try {
        try {
          service().leave(lane);
        } finally {
          lease.close();
        }
      } catch (RuntimeException e) {
        LOG.error("Cannot give back model {} on {} without an error", name(), lease.device(), e);
      }
    }
  }

  private TaskModel(List<Part> parts, Cascade cascade) {
    this.parts = parts;
    this.stages = parts.stream().map(part -> stage(part.bundle())).toList();
    this.cascade = cascade;
  }

  private static Stage stage(Bundle bundle) {
    return new Stage(bundle.manifest().name(), bundle.digest());
  }

  /**
   * Leases a model, and in a cascade its first model, too. Waits until they are loaded. Resolves
   * each once, so that results name the bundle that is leased even if the name is later resolved to
   * another one.
   *
   * @param check refuses a bundle that does not fit, by an {@link IllegalArgumentException}, before
   *     it is loaded
   * @throws InterruptedException as soon as the caller is interrupted
   */
  static TaskModel open(
      ScoringConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      ScoringMetrics metrics,
      Consumer<Bundle> check)
      throws InterruptedException {
    Part main =
        lease(
            config,
            CrossEncoderFunctionOptions.MODEL_DIGEST,
            registry,
            environment,
            metrics,
            check);
    if (!config.cascade().isSet()) {
      return new TaskModel(List.of(main), null);
    }
    try {
      AtomicReference<Cascade> cascade = new AtomicReference<>();
      Part first =
          lease(
              config.ofFirstModel(),
              CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST,
              registry,
              environment,
              metrics,
              bundle -> cascade.set(rule(config, bundle, main.bundle())));
      return new TaskModel(List.of(first, main), cascade.get());
    } catch (Throwable t) {
      main.giveBack();
      throw t;
    }
  }

  /**
   * A model that was found and fits, and is not loaded.
   *
   * @param main the bundle of the main model
   * @param stages its models, first to last
   * @param bytes the size of its files
   */
  record Found(Bundle main, List<Stage> stages, long bytes) {}

  /**
   * Finds a model as {@link #open} does, downloads and compiles it if necessary, and checks it.
   *
   * @throws InterruptedException as soon as the caller is interrupted
   */
  static Found find(
      ScoringConfig config,
      ModelRegistry registry,
      TaskEnvironment environment,
      Consumer<Bundle> check)
      throws InterruptedException {
    Bundle main =
        find(config, CrossEncoderFunctionOptions.MODEL_DIGEST, registry, environment, check);
    if (!config.cascade().isSet()) {
      return new Found(main, List.of(stage(main)), main.bytes());
    }
    Bundle first =
        find(
            config.ofFirstModel(),
            CrossEncoderFunctionOptions.CASCADE_MODEL_DIGEST,
            registry,
            environment,
            bundle -> rule(config, bundle, main));
    return new Found(main, List.of(stage(first), stage(main)), first.bytes() + main.bytes());
  }

  private static Cascade rule(ScoringConfig config, Bundle first, Bundle main) {
    return config.cascade().rule(first, main, config.rank().minScore());
  }

  /** What is done with a bundle; repeated while the model is temporarily unavailable. */
  private interface Use<V> {
    V of(Bundle bundle) throws InterruptedException;
  }

  private static Part lease(
      ScoringConfig config,
      ConfigOption<String> digest,
      ModelRegistry registry,
      TaskEnvironment environment,
      ScoringMetrics metrics,
      Consumer<Bundle> check)
      throws InterruptedException {
    return resolve(
        config,
        digest,
        registry,
        environment,
        check,
        bundle -> {
          SlotResources resources = SlotResources.of(environment, config.device());
          ModelRegistry.Lease lease =
              registry.lease(
                  bundle, config, resources.slot(), resources.devices(), resources.cpuThreads());
          return new Part(bundle, lease, new Lane(metrics));
        });
  }

  private static Bundle find(
      ScoringConfig config,
      ConfigOption<String> digest,
      ModelRegistry registry,
      TaskEnvironment environment,
      Consumer<Bundle> check)
      throws InterruptedException {
    return resolve(config, digest, registry, environment, check, bundle -> bundle);
  }

  private static <V> V resolve(
      ScoringConfig config,
      ConfigOption<String> digest,
      ModelRegistry registry,
      TaskEnvironment environment,
      Consumer<Bundle> check,
      Use<V> use)
      throws InterruptedException {
    ModelSource source = config.source();
    ModelWait wait = new ModelWait(source, SlotResources.host(environment));
    while (true) {
      try {
        Bundle bundle = registry.resolve(source.model(), source.precision());
        checkDigest(bundle, source.digest(), digest);
        check.accept(bundle);
        return use.of(bundle);
      } catch (ModelUnavailableException e) {
        wait.pause(e);
      }
    }
  }

  private static void checkDigest(Bundle bundle, String wanted, ConfigOption<String> option) {
    if (wanted != null && !wanted.equals(bundle.digest())) {
      throw new InvalidOptionException(
          option,
          wanted,
          "The bundle %s has the digest %s. Pin that one if it is the model you want."
              .formatted(bundle.folder(), bundle.digest()));
    }
  }

  /** Warns of thresholds that are compared with something else than the user may think. */
  static void warnOfLogits(ScoringConfig config, Bundle bundle) {
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

  private Part main() {
    return parts.get(parts.size() - 1);
  }

  /** The models, first to last; one unless there is a cascade. */
  List<Stage> stages() {
    return stages;
  }

  /** The rule of the cascade; null without one. */
  Cascade cascade() {
    return cascade;
  }

  /** The name of the device. */
  String device() {
    return main().lease().device();
  }

  /** The time to load and warm up each model, in milliseconds, in the order of the stages. */
  List<Long> loadMillis() {
    return parts.stream().map(part -> part.lease().loadMillis()).toList();
  }

  /** The number of scoring threads of each model, for all operators, in the order of the stages. */
  List<Integer> scoringThreads() {
    return parts.stream().map(part -> part.service().scoringThreads()).toList();
  }

  /** The number of cached scores, for all operators. */
  long cachedScores() {
    return parts.stream().mapToLong(part -> part.service().cachedScores()).sum();
  }

  /** Describes in one sentence what waits and what the scoring threads are doing. */
  String describe() {
    return parts.stream()
        .map(part -> part.service().describe())
        .distinct()
        .collect(Collectors.joining(". In the second stage of the cascade, "));
  }

  /**
   * Scores a record.
   *
   * @param pairs at least one
   * @param listener receives the outcome, unless the record is withdrawn or the model is closed
   */
  void submit(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {
    Part first = parts.get(0);
    record.submit(
        first.service(),
        first.lane(),
        pairs,
        cascade == null ? listener : new FirstStage(record, List.copyOf(pairs), listener));
  }

  /**
   * Scores pairs with the main model alone, and waits for their outcomes.
   *
   * @throws TimeoutException if there is no outcome within the time
   * @throws InterruptedException as soon as the caller is interrupted
   */
  List<PairOutcome> scoreAlone(List<TextPair> pairs, Duration longest)
      throws InterruptedException, TimeoutException {
    Outcomes outcomes = new Outcomes();
    PendingRecord record = new PendingRecord(main().lane(), pairs, outcomes);
    main().service().submit(record);
    try {
      return outcomes.await(longest);
    } finally {
      record.abandon();
    }
  }

  /** Gives the models back. Exceptions are logged. */
  @Override
  public void close() {
    parts.forEach(Part::giveBack);
  }

  /** Receives the outcomes of the first model, and gives the pairs that matter to the main one. */
  private final class FirstStage implements OutcomeListener {
    private final RecordInFlight record;
    private final List<TextPair> pairs;
    private final OutcomeListener listener;

    private FirstStage(RecordInFlight record, List<TextPair> pairs, OutcomeListener listener) {
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
              main().service(),
              main().lane(),
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
}
