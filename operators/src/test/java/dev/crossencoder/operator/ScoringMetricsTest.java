package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.MetricRegistry;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.junit.jupiter.api.Test;

class ScoringMetricsTest {
  private final MetricListener listener = new MetricListener();
  private final ScoringMetrics metrics = new ScoringMetrics(listener.getMetricGroup());

  @Test
  void scoredAndTruncatedPairsAreCounted() {
    Score whole = FakeScoringModel.scoreOf(1);
    Score cut = new Score(1, null, Map.of(), List.of(1f), true);

    metrics.completed(
        List.of(
            new PairOutcome(whole, null),
            new PairOutcome(cut, null),
            new PairOutcome(null, new Failure(Failure.PAIR_TOO_LONG, "It is too long.")),
            new PairOutcome(whole, null)));

    assertThat(counter("pairsScored")).isEqualTo(3);
    assertThat(counter("pairsTruncated")).isEqualTo(1);
    assertThat(counter("code", Failure.PAIR_TOO_LONG, "pairsFailed")).isEqualTo(1);
    assertThat(listener.getMeter("crossEncoder", "pairsScoredPerSecond")).isPresent();
  }

  @Test
  void failedRecordsAreCountedByCode() {
    metrics.failed(Failure.TIMEOUT);
    metrics.failed("field_missing");
    metrics.failed("field_missing");

    assertThat(counter("code", Failure.TIMEOUT, "recordsFailed")).isEqualTo(1);
    assertThat(counter("code", "field_missing", "recordsFailed")).isEqualTo(2);
    assertThat(counter("code", Failure.NON_FINITE_SCORE, "recordsFailed")).isZero();
  }

  @Test
  void eachOfSeveralModelsHasItsOwnCounters() {
    metrics.route("en", () -> 1, () -> 1, () -> 0);
    metrics.route("de", () -> 1, () -> 1, () -> 0);
    Failure tooLong = new Failure(Failure.PAIR_TOO_LONG, "It is too long.");
    PairOutcome scored = new PairOutcome(FakeScoringModel.scoreOf(1), null);

    metrics.completedBy("en", List.of(scored, new PairOutcome(null, tooLong), scored));
    metrics.completedBy("de", List.of(scored));
    metrics.failedBy("de");
    metrics.failedBy("fr");

    assertThat(counter("route", "en", "pairsScored")).isEqualTo(2);
    assertThat(counter("route", "en", "pairsFailed")).isOne();
    assertThat(counter("route", "en", "recordsFailed")).isZero();
    assertThat(counter("route", "de", "pairsScored")).isOne();
    assertThat(counter("route", "de", "pairsFailed")).isZero();
    assertThat(counter("route", "de", "recordsFailed")).isOne();
  }

  @Test
  void recordsThatPassAndThoseThatAreFilteredOutAreCounted() {
    metrics.filtered();
    metrics.passed();
    metrics.passed();

    assertThat(counter("recordsFiltered")).isOne();
    assertThat(counter("recordsPassed")).isEqualTo(2);
  }

  @Test
  void batchesThatDoNotFitAreCounted() {
    metrics.halved();

    assertThat(counter("batchesHalved")).isOne();
  }

  @Test
  void timesAreInMicroseconds() {
    metrics.tokenized(1_000_000);
    metrics.queued(2_000_000);
    metrics.forward(3, 120, 4_000_000);
    metrics.busy(8_000_000);

    assertThat(maximum("tokenizeMicros")).isEqualTo(1_000);
    assertThat(maximum("tokeniseMicros")).isEqualTo(1_000);
    assertThat(maximum("queueMicros")).isEqualTo(2_000);
    assertThat(maximum("forwardMicros")).isEqualTo(4_000);
    assertThat(counter("forwardBusyMicros")).isEqualTo(8_000);
    assertThat(maximum("batchPairs")).isEqualTo(3);
    assertThat(maximum("batchTokens")).isEqualTo(120);
  }

  @Test
  void whatIsInFlightIsRead() {
    AtomicInteger records = new AtomicInteger(5);
    metrics.records(records::get, 128);
    records.set(6);

    assertThat(gauge("recordsInFlight")).isEqualTo(6);
    assertThat(gauge("capacity")).isEqualTo(128);
  }

  @Test
  void modelAndDeviceAreNamed() {
    AtomicInteger threads = new AtomicInteger(2);
    metrics.models(() -> 700L, threads::get, () -> 12L);
    metrics.modelInfo("demo-qa", "sha256:00", "gpu0");
    metrics.modelInfo("demo-qa", "sha256:00", "gpu0");
    threads.set(4);

    assertThat(gauge("device", "gpu0", "model", "demo-qa", "revision", "sha256:00", "modelInfo"))
        .isEqualTo(1);
    assertThat(gauge("modelLoadMillis")).isEqualTo(700L);
    assertThat(gauge("scoringThreads")).isEqualTo(4);
    assertThat(gauge("cacheSize")).isEqualTo(12L);
  }

  @Test
  void pairsThatTheCacheHasAndThoseThatItLacksAreCounted() {
    metrics.cacheHit();
    metrics.cacheHit();
    metrics.cacheMiss();

    assertThat(counter("cacheHits")).isEqualTo(2);
    assertThat(counter("cacheMisses")).isOne();
  }

  private long counter(String... name) {
    return listener.getCounter(in(name)).orElseThrow().getCount();
  }

  private long maximum(String name) {
    return listener.getHistogram(in(name)).orElseThrow().getStatistics().getMax();
  }

  @Test
  void aModelThatIsNoLongerUsedHasNoName() {
    Set<String> registered = new TreeSet<>();
    MetricRegistry registry =
        TestingMetricRegistry.builder()
            .setRegisterConsumer((metric, name, group) -> registered.add(revision(group)))
            .setUnregisterConsumer((metric, name, group) -> registered.remove(revision(group)))
            .build();
    ScoringMetrics ofRegistry =
        new ScoringMetrics(
            new GenericMetricGroup(
                registry,
                UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup(),
                "test"));
    registered.clear();
    ofRegistry.modelInfo("demo-qa", "sha256:00", "cpu");
    ofRegistry.modelInfo("demo-qa", "sha256:11", "cpu");
    assertThat(registered).containsExactly("sha256:00", "sha256:11");

    ofRegistry.removeModelInfo("demo-qa", "sha256:00", "cpu");
    ofRegistry.removeModelInfo("demo-qa", "sha256:00", "cpu");
    assertThat(registered).containsExactly("sha256:11");

    ofRegistry.removeModelInfo("demo-qa", "sha256:11", "cpu");
    ofRegistry.modelInfo("demo-qa", "sha256:00", "cpu");
    assertThat(registered).containsExactly("sha256:00");
  }

  private static String revision(MetricGroup group) {
    return group.getAllVariables().getOrDefault("<revision>", "none");
  }

  private Object gauge(String... name) {
    Gauge<Object> gauge = listener.getGauge(in(name)).orElseThrow();
    return gauge.getValue();
  }

  private static String[] in(String... name) {
    String[] full = new String[name.length + 1];
    full[0] = ScoringMetrics.GROUP;
    System.arraycopy(name, 0, full, 1, name.length);
    return full;
  }
}
