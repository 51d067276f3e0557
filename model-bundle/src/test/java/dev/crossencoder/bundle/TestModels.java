package dev.crossencoder.bundle;

import java.nio.file.Path;

/** Opens the embedded models from a cache that lives as long as the build's target folder. */
final class TestModels {
  private static final ModelRepository REPOSITORY =
      new ModelRepository(Path.of("target", "model-cache"));

  private TestModels() {}

  static Bundle bundle(String model) {
    return REPOSITORY.resolve(model);
  }

  static CrossEncoder open(String model) {
    return CrossEncoder.open(bundle(model), CrossEncoderOptions.DEFAULT);
  }
}
