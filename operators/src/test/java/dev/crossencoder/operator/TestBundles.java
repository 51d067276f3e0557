package dev.crossencoder.operator;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Bundles of the embedded checkpoint that nobody but a test compiles in another way. */
final class TestBundles {
  private TestBundles() {}

  /** Compiles demo-qa with another precision. */
  static Bundle demoQa(Precision precision, Path folder) throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("demo-qa"));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      try (InputStream in =
          CrossEncoder.class.getResourceAsStream("/dev/crossencoder/demo/demo-qa/" + file)) {
        Files.copy(in, checkpoint.resolve(file));
      }
    }
    return BundleBuilder.fromCheckpoint(checkpoint)
        .precision(precision)
        .build(folder.resolve("bundle"));
  }
}
