package dev.crossencoder.operator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * The metrics of one operator, in the group {@code crossEncoder}. Times are in microseconds.
 * Thread-safe; updated by the task thread, tokenizer threads and scoring threads.
 */
final class ScoringMetrics {
  static final String GROUP = "crossEncoder";

  /** The name that {@code tokenizeMicros} had before, which is still answered. */
  private static final String OLD_TOKENIZE_MICROS = "tokeniseMicros";

  private static final int HISTOGRAM_WINDOW = 1_000;
  private static final List<Double> QUANTILES = List.of(0.05, 0.25, 0.5, 0.75, 0.95);

  /** The counters of one of several models. */
  private record Route(Counter pairsScored, Counter pairsFailed, Counter recordsFailed) {
    static Route in(MetricGroup group) {
      return new Route(
          group.counter("pairsScored", new ThreadSafeSimpleCounter()),
          group.counter("pairsFailed", new ThreadSafeSimpleCounter()),
          group.counter("recordsFailed", new ThreadSafeSimpleCounter()));
    }
  }

  private final ScoreWindow scores = new ScoreWindow();

  private final MetricGroup group;
  private final Counter pairs = new ThreadSafeSimpleCounter();

  /** Empty without a cascade. */
  private final List<Counter> pairsByStage = new ArrayList<>();

  /** Empty if records do not choose their model; filled before the first record. */
  private final Map<String, Route> routes = new HashMap<>();

  /** The digests of the models that are registered, by device and name. */
  private final Map<List<String>, Set<String>> models = new HashMap<>();

  private final Counter dropped = new ThreadSafeSimpleCounter();
  private final Counter retagged = new ThreadSafeSimpleCounter();
  private final Counter cacheHits = new ThreadSafeSimpleCounter();
  private final Counter cacheMisses = new ThreadSafeSimpleCounter();
  private final Counter truncations = new ThreadSafeSimpleCounter();
  private final Counter passed = new ThreadSafeSimpleCounter();
  private final Counter filtered = new ThreadSafeSimpleCounter();
  private final Counter halvings = new ThreadSafeSimpleCounter();
  private final Counter forwardBusyMicros = new ThreadSafeSimpleCounter();
  private final Map<String, Counter> failures = new ConcurrentHashMap<>();
  private final Map<String, Counter> pairFailures = new ConcurrentHashMap<>();
  private final Histogram batchPairs;
  private final Histogram batchTokens;
  private final Histogram tokenizeMicros;
  private final Histogram queueMicros;
  private final Histogram forwardMicros;

  ScoringMetrics(MetricGroup operatorGroup) {
    group = operatorGroup.addGroup(GROUP);
    group.counter("pairsScored", pairs);
    group.meter("pairsScoredPerSecond", new MeterView(pairs));
    group.counter("pairsTruncated", truncations);
    group.counter("cacheHits", cacheHits);
    group.counter("cacheMisses", cacheMisses);
    group.counter("recordsPassed", passed);
    group.counter("recordsFiltered", filtered);
    group.counter("batchesHalved", halvings);
    group.counter("forwardBusyMicros", forwardBusyMicros);
    batchPairs = histogram("batchPairs");
    batchTokens = histogram("batchTokens");
    tokenizeMicros = histogram("tokenizeMicros");
    group.histogram(OLD_TOKENIZE_MICROS, tokenizeMicros);
    queueMicros = histogram("queueMicros");
    forwardMicros = histogram("forwardMicros");
    for (String code :
        List.of(
            Failure.NON_FINITE_SCORE,
            Failure.DEVICE_OUT_OF_MEMORY,
            Failure.TOKENISATION_FAILED,
            Failure.PAIR_TOO_LONG,
            Failure.TIMEOUT)) {
      failures(code);
    }
    for (String code :
        List.of(
            Failure.NON_FINITE_SCORE,
            Failure.DEVICE_OUT_OF_MEMORY,
            Failure.TOKENISATION_FAILED,
            Failure.PAIR_TOO_LONG)) {
      failedPairs(code);
    }
  }

  private Histogram histogram(String name) {
    return group.histogram(name, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
  }

  /** Registers the number of records in flight and its limit. */
  void records(IntSupplier inFlight, int capacity) {
    group.gauge("recordsInFlight", (Gauge<Integer>) inFlight::getAsInt);
    group.gauge("capacity", (Gauge<Integer>) () -> capacity);
  }

  /**
   * Registers the models of the operator.
   *
   * @param loadMillis the time to load and warm up the main model
   * @param scoringThreads the number of scoring threads of the main models on this device, for all
   *     operators
   * @param cachedScores the number of cached scores of all models on this device, for all operators
   */
  void models(LongSupplier loadMillis, IntSupplier scoringThreads, LongSupplier cachedScores) {
    group.gauge("cacheSize", (Gauge<Long>) cachedScores::getAsLong);
    group.gauge("modelLoadMillis", (Gauge<Long>) loadMillis::getAsLong);
    group.gauge("scoringThreads", (Gauge<Integer>) scoringThreads::getAsInt);
  }

  /**
   * Registers one of several models, among which records choose.
   *
   * @param name the name by which they do
   * @param loaded 1 if it is loaded, otherwise 0
   * @param loads how often it was loaded
   * @param waiting the number of records that wait until it is loaded
   */
  void route(String name, IntSupplier loaded, LongSupplier loads, IntSupplier waiting) {
    MetricGroup route = group.addGroup("route", name);
    routes.put(name, Route.in(route));
    route.gauge("modelLoaded", (Gauge<Integer>) loaded::getAsInt);
    route.gauge("modelLoads", (Gauge<Long>) loads::getAsLong);
    route.gauge("recordsWaiting", (Gauge<Integer>) waiting::getAsInt);
  }

  /**
   * Registers the name of a model, unless it is registered.
   *
   * @param revision the digest of the bundle
   */
  synchronized void modelInfo(String model, String revision, String device) {
    Set<String> revisions =
        models.computeIfAbsent(List.of(device, model), unused -> new HashSet<>());
    if (revisions.add(revision)) {
      modelGroup(device, model)
          .addGroup("revision", revision)
          .gauge("modelInfo", (Gauge<Integer>) () -> 1);
    }
  }

  /**
   * Removes the name of a model that is no longer used. Flink has no method for that, except to
   * close the group; a closed group of the same name is replaced by a new one.
   */
  synchronized void removeModelInfo(String model, String revision, String device) {
    Set<String> revisions = models.getOrDefault(List.of(device, model), Set.of());
    if (revisions.remove(revision)) {
      MetricGroup gone = modelGroup(device, model);
      if (revisions.isEmpty()) {
        models.remove(List.of(device, model));
      } else {
        gone = gone.addGroup("revision", revision);
      }
      if (gone instanceof AbstractMetricGroup<?> closeable) {
        closeable.close();
      }
    }
  }

  private MetricGroup modelGroup(String device, String model) {
    return group.addGroup("device", device).addGroup("model", model);
  }

  /** Registers the version of the models that score. */
  void version(LongSupplier version) {
    group.gauge("modelVersion", (Gauge<Long>) version::getAsLong);
    group.counter("recordsRetagged", retagged);
  }

  /**
   * Registers the distribution of the last scores.
   *
   * @param reference what it is compared with; null for nothing
   */
  void distribution(ScoreReference reference) {
    for (double share : QUANTILES) {
      group
          .addGroup("quantile", String.valueOf(share))
          .gauge("score", (Gauge<Double>) () -> scores.quantile(share));
    }
    if (reference != null) {
      group.gauge("scoreDrift", (Gauge<Double>) () -> reference.stabilityIndex(scores.scores()));
    }
  }

  /** Registers the number of records that are left out. */
  void drops() {
    group.counter("recordsDropped", dropped);
  }

  /** Counts a record that is left out. */
  void dropped() {
    dropped.inc();
  }

  /** Counts a record that another revision scores than the one of its tag. */
  void retagged() {
    retagged.inc();
  }

  /** Registers the numbers of pairs that the models of a cascade score. */
  void stages(int count) {
    for (int stage = 0; stage < count; stage++) {
      pairsByStage.add(
          group
              .addGroup("stage", String.valueOf(stage))
              .counter("pairsScored", new ThreadSafeSimpleCounter()));
    }
  }

  /** Counts the pairs of a completed record. */
  void completed(List<PairOutcome> outcomes) {
    for (PairOutcome outcome : outcomes) {
      if (outcome.failed()) {
        failedPairs(outcome.failure().code()).inc();
      } else {
        pairs.inc();
        scores.add(outcome.score().score());
        for (int stage = 0; stage <= outcome.stage() && stage < pairsByStage.size(); stage++) {
          pairsByStage.get(stage).inc();
        }
        if (outcome.score().truncated()) {
          truncations.inc();
        }
      }
    }
  }

  /** Counts the pairs of a completed record by its model. */
  void completedBy(String name, List<PairOutcome> outcomes) {
    Route route = routes.get(name);
    if (route != null) {
      long failed = outcomes.stream().filter(PairOutcome::failed).count();
      route.pairsFailed().inc(failed);
      route.pairsScored().inc(outcomes.size() - failed);
    }
  }

  /** Counts a pair that gets the score of another pair with the same texts. */
  void cacheHit() {
    cacheHits.inc();
  }

  /** Counts a pair that the cache does not have. */
  void cacheMiss() {
    cacheMisses.inc();
  }

  /** Counts a record with a result. */
  void passed() {
    passed.inc();
  }

  /**
   * Counts a record that does not reach {@code cross-encoder.min-score} or {@code
   * cross-encoder.label-threshold}.
   */
  void filtered() {
    filtered.inc();
  }

  /** Counts a failed record. */
  void failed(String code) {
    failures(code).inc();
  }

  /** Counts a failed record by its model. */
  void failedBy(String name) {
    Route route = routes.get(name);
    if (route != null) {
      route.recordsFailed().inc();
    }
  }

  /** Counts a halved batch that contained a pair of this operator. */
  void halved() {
    halvings.inc();
  }

  void tokenized(long nanos) {
    tokenizeMicros.update(nanos / 1_000);
  }

  void queued(long nanos) {
    queueMicros.update(nanos / 1_000);
  }

  /** Records a forward pass that contained a pair of this operator. */
  void forward(int pairsInBatch, int tokensInBatch, long nanos) {
    batchPairs.update(pairsInBatch);
    batchTokens.update(tokensInBatch);
    forwardMicros.update(nanos / 1_000);
  }

  /** Adds the operator's share of the core time of a forward pass. */
  void busy(long threadNanos) {
    forwardBusyMicros.inc(threadNanos / 1_000);
  }

  private Counter failedPairs(String code) {
    return pairFailures.computeIfAbsent(
        code,
        key -> group.addGroup("code", key).counter("pairsFailed", new ThreadSafeSimpleCounter()));
  }

  private Counter failures(String code) {
    return failures.computeIfAbsent(
        code,
        key -> group.addGroup("code", key).counter("recordsFailed", new ThreadSafeSimpleCounter()));
  }
}
