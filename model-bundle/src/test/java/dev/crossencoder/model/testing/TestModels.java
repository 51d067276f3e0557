package dev.crossencoder.model.testing;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Opens the embedded models from a cache that lives as long as the build's target folder. */
public final class TestModels {
  private static final ModelRepository REPOSITORY =
      new ModelRepository(Path.of("target", "model-cache"));

  /** To find a bundle in the cache, the repository reads the whole checkpoint. */
  private static final Map<String, Bundle> BUNDLES = new ConcurrentHashMap<>();

  private TestModels() {}

  public static Bundle bundle(String model) {
    return BUNDLES.computeIfAbsent(model, REPOSITORY::resolve);
  }

  public static CrossEncoder open(String model) {
    return CrossEncoder.open(bundle(model), CrossEncoderOptions.DEFAULT);
  }
}
