package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.model.BatchLimits;
import java.time.Duration;

/** A scoring service on a fake model, whose scoring thread can be kept busy. */
final class FakeDevice {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  static final BatchLimits LIMITS = new BatchLimits(4, 1_000);

  private final FakeScoringModel model = new FakeScoringModel();
  private final ScoringService service;

  FakeDevice() {
    this(0);
  }

  /** Creates a device with a cache. */
  FakeDevice(long cacheBytes) {
    this(cacheBytes, 1);
  }

  FakeDevice(long cacheBytes, int tokenizers) {
    this(cacheBytes, tokenizers, new DeviceCores(64));
  }

  /** Creates a model that shares the cores of its device with others. */
  FakeDevice(long cacheBytes, int tokenizers, DeviceCores cores) {
    service =
        new ScoringService(
            "fake on cpu",
            model,
            new BatchQueue(LIMITS, Duration.ZERO, cores, model::passThreads),
            cacheBytes);
    service.ensureTokenizers(tokenizers);
    service.ensureWorkers(1);
  }

  FakeScoringModel model() {
    return model;
  }

  ScoringService service() {
    return service;
  }

  /** Keeps the scoring thread in a forward pass of one token, so that what follows has to wait. */
  void hold() throws InterruptedException {
    model.hold();
    service.submit(TestPairs.record(new FakeListener(), 1));
    model.awaitForwardPass();
  }

  /** Waits until so many pairs wait for a batch. */
  void awaitTokenized(int pairs) {
    awaitWaiting(0, pairs);
  }

  /** Waits until so many pairs wait for tokens, and so many for a batch. */
  void awaitWaiting(int forTokens, int forABatch) {
    String expected =
        "%d pairs wait to be tokenized, %d for a batch".formatted(forTokens, forABatch);
    await()
        .atMost(DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() -> assertThat(service.describe()).startsWith(expected));
  }

  /** Lets go of everything and ends the threads. */
  void close() {
    model.letGo();
    service.close(Duration.ofSeconds(20));
  }
}
