package dev.crossencoder.operator;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * The metrics of one operator, in the group {@code crossEncoder}. Updated by the task thread and by
 * scoring threads; every counter and histogram is safe for that. Times are in microseconds.
 */
final class ScoringMetrics {
  static final String GROUP = "crossEncoder";

  private static final int HISTOGRAM_WINDOW = 1_000;

  private final MetricGroup group;
  private final Counter pairs = new ThreadSafeSimpleCounter();
  private final Counter truncations = new ThreadSafeSimpleCounter();
  private final Counter halvings = new ThreadSafeSimpleCounter();
  private final Counter forwardBusyMicros = new ThreadSafeSimpleCounter();
  private final Map<String, Counter> failures = new ConcurrentHashMap<>();
  private final Histogram batchPairs;
  private final Histogram batchTokens;
  private final Histogram tokeniseMicros;
  private final Histogram queueMicros;
  private final Histogram forwardMicros;

  ScoringMetrics(MetricGroup operatorGroup) {
    group = operatorGroup.addGroup(GROUP);
    group.counter("pairsScored", pairs);
    group.meter("pairsScoredPerSecond", new MeterView(pairs));
    group.counter("pairsTruncated", truncations);
    group.counter("batchesHalved", halvings);
    group.counter("forwardBusyMicros", forwardBusyMicros);
    batchPairs = histogram("batchPairs");
    batchTokens = histogram("batchTokens");
    tokeniseMicros = histogram("tokeniseMicros");
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
  }

  private Histogram histogram(String name) {
    return group.histogram(name, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
  }

  /** Registers what is read of the operator's records, of which capacity may be in flight. */
  void records(IntSupplier inFlight, int capacity) {
    group.gauge("recordsInFlight", (Gauge<Integer>) inFlight::getAsInt);
    group.gauge("capacity", (Gauge<Integer>) () -> capacity);
  }

  /**
   * Registers what the operator scores with.
   *
   * @param revision the digest of the bundle
   * @param loadMillis how long it took to load and to warm up
   * @param scoringThreads how many score on this device, for all operators that use the model there
   */
  void model(
      String model, String revision, String device, long loadMillis, IntSupplier scoringThreads) {
    group.gauge("modelLoadMillis", (Gauge<Long>) () -> loadMillis);
    group.gauge("scoringThreads", (Gauge<Integer>) scoringThreads::getAsInt);
    group
        .addGroup("device", device)
        .addGroup("model", model)
        .addGroup("revision", revision)
        .gauge("modelInfo", (Gauge<Integer>) () -> 1);
  }

  void scored(List<Score> scores) {
    pairs.inc(scores.size());
    truncations.inc(scores.stream().filter(Score::truncated).count());
  }

  void failed(String code) {
    failures(code).inc();
  }

  /** A batch with at least one pair of this operator did not fit into the device's memory. */
  void halved() {
    halvings.inc();
  }

  void tokenised(long nanos) {
    tokeniseMicros.update(nanos / 1_000);
  }

  void queued(long nanos) {
    queueMicros.update(nanos / 1_000);
  }

  /** A forward pass in which at least one pair was this operator's. */
  void forward(int pairsInBatch, int tokensInBatch, long nanos) {
    batchPairs.update(pairsInBatch);
    batchTokens.update(tokensInBatch);
    forwardMicros.update(nanos / 1_000);
  }

  /** The operator's share of what a forward pass took of the scoring threads. */
  void busy(long threadNanos) {
    forwardBusyMicros.inc(threadNanos / 1_000);
  }

  private Counter failures(String code) {
    return failures.computeIfAbsent(
        code,
        key -> group.addGroup("code", key).counter("recordsFailed", new ThreadSafeSimpleCounter()));
  }
}
