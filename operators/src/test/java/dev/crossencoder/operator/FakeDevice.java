package dev.crossencoder.operator;

import dev.crossencoder.bundle.BatchLimits;
import java.time.Duration;

/** A scoring service on a fake model, whose scoring thread can be kept busy. */
final class FakeDevice {
  private static final BatchLimits LIMITS = new BatchLimits(4, 1_000);

  private final FakeScoringModel model = new FakeScoringModel();
  private final ScoringService service =
      new ScoringService("fake on cpu", model, new BatchQueue(LIMITS, Duration.ZERO));

  FakeDevice() {
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
  void awaitTokenised(int pairs) {
    while (!service.describe().startsWith("0 pairs wait for tokens, %d for".formatted(pairs))) {
      Thread.onSpinWait();
    }
  }

  /** Lets go of everything and ends the threads. */
  void close() {
    model.letGo();
    service.close(Duration.ofSeconds(20));
  }
}
