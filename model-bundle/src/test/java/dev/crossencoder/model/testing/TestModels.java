package dev.crossencoder.model.testing;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.nio.file.Path;

/** Opens the embedded models from a cache that lives as long as the build's target folder. */
public final class TestModels {
  private static final ModelRepository REPOSITORY =
      new ModelRepository(Path.of("target", "model-cache"));

  private TestModels() {}

  public static Bundle bundle(String model) {
    return REPOSITORY.resolve(model);
  }

  public static CrossEncoder open(String model) {
    return CrossEncoder.open(bundle(model), CrossEncoderOptions.DEFAULT);
  }
}
