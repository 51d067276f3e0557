package dev.crossencoder.operator;

import dev.crossencoder.bundle.Bundle;
import java.util.ArrayList;
import java.util.List;

/** Loads fake models and remembers them. */
final class FakeLoader implements ModelRegistry.Loader {
  private final List<String> loads = new ArrayList<>();
  private final List<FakeScoringModel> models = new ArrayList<>();
  private RuntimeException failure;
  private boolean holding;
  private Runnable warmUp = () -> {};

  /** Lets the forward passes of all models that are loaded from now on wait. */
  synchronized FakeLoader holding() {
    holding = true;
    return this;
  }

  /** Lets the next load fail. */
  synchronized void failOnce(RuntimeException newFailure) {
    failure = newFailure;
  }

  /** Replaces what warming up does with all models that are loaded from now on. */
  synchronized void warmUpWith(Runnable newWarmUp) {
    warmUp = newWarmUp;
  }

  @Override
  public synchronized ScoringModel load(
      Bundle bundle, ScoringConfig config, String device, int threads) {
    if (failure != null) {
      RuntimeException thrown = failure;
      failure = null;
      throw thrown;
    }
    loads.add("%s on %s with %d threads".formatted(bundle.manifest().name(), device, threads));
    FakeScoringModel model = new FakeScoringModel().withWarmUp(warmUp);
    if (holding) {
      model.hold();
    }
    models.add(model);
    return model;
  }

  /** What was loaded, in order. */
  synchronized List<String> loads() {
    return List.copyOf(loads);
  }

  /** The model of the n-th load. */
  synchronized FakeScoringModel model(int load) {
    return models.get(load);
  }
}
