package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.bundle.Bundle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** Loads fake models and remembers them. */
final class FakeLoader implements ModelRegistry.Loader {
  private final List<String> loads = new ArrayList<>();
  private final List<FakeScoringModel> models = new ArrayList<>();
  private RuntimeException failure;
  private boolean holding;
  private Runnable warmUp = () -> {};
  private Runnable closing = () -> {};
  private Function<List<EncodedPair>, List<Score>> forward = FakeScoringModel::lengths;
  private CountDownLatch gate = new CountDownLatch(0);

  /** Lets the forward passes of all models that are loaded from now on wait. */
  synchronized FakeLoader holding() {
    holding = true;
    return this;
  }

  /** Ends {@link #holding}, and lets the forward passes of all models go that wait. */
  synchronized void letGo() {
    holding = false;
    models.forEach(FakeScoringModel::letGo);
  }

  /** Lets the next load fail. */
  synchronized void failOnce(RuntimeException newFailure) {
    failure = newFailure;
  }

  /** Replaces what warming up does with all models that are loaded from now on. */
  synchronized void warmUpWith(Runnable newWarmUp) {
    warmUp = newWarmUp;
  }

  /** Replaces what a forward pass does with all models that are loaded from now on. */
  synchronized void forwardWith(Function<List<EncodedPair>, List<Score>> newForward) {
    forward = newForward;
  }

  /** Replaces what happens before a model is freed, with all that are loaded from now on. */
  synchronized void closeWith(Runnable newClosing) {
    closing = newClosing;
  }

  /**
   * Lets loads that begin from now on take until {@link #letLoadsGo}, without heeding interrupts.
   */
  synchronized void holdLoads() {
    gate = new CountDownLatch(1);
  }

  synchronized void letLoadsGo() {
    gate.countDown();
  }

  @Override
  public ScoringModel load(Bundle bundle, ScoringConfig config, String device, int threads) {
    CountDownLatch held;
    synchronized (this) {
      loads.add("%s on %s with %d threads".formatted(bundle.manifest().name(), device, threads));
      held = gate;
    }
    FakeScoringModel.awaitUninterruptibly(held);
    synchronized (this) {
      if (failure != null) {
        RuntimeException thrown = failure;
        failure = null;
        throw thrown;
      }
      FakeScoringModel model =
          new FakeScoringModel().withWarmUp(warmUp).withClosing(closing).withForward(forward);
      if (holding) {
        model.hold();
      }
      models.add(model);
      return model;
    }
  }

  /** What was loaded, in order; loads that failed or are held among it. */
  synchronized List<String> loads() {
    return List.copyOf(loads);
  }

  /** The model of the n-th load that did not fail. */
  synchronized FakeScoringModel model(int load) {
    return models.get(load);
  }

  /** All models. */
  synchronized List<FakeScoringModel> models() {
    return List.copyOf(models);
  }
}
