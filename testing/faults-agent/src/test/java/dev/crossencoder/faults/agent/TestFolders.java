package dev.crossencoder.faults.agent;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Folders that tests start from: the embedded model, compiled for each engine; an empty one. */
final class TestFolders {
  private TestFolders() {}

  /** Compiles demo-qa for an engine: with 8 bits if it can. */
  static Bundle demoQa(Engine engine, Path folder) throws IOException {
    if (engine == Engine.PYTORCH) {
      return ModelRepository.shared().resolve("demo-qa");
    }
    Path checkpoint = Files.createDirectory(folder.resolve("demo-qa"));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt")) {
      try (InputStream in =
          CrossEncoder.class.getResourceAsStream("/dev/crossencoder/demo/demo-qa/" + file)) {
        Files.copy(in, checkpoint.resolve(file));
      }
    }
    return BundleBuilder.fromCheckpoint(checkpoint)
        .precision(Precision.INT8)
        .build(folder.resolve("bundle"));
  }

  /** Makes a folder of files an empty one. */
  static void empty(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
