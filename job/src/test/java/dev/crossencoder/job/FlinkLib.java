package dev.crossencoder.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a test cluster has beside Flink's own jars. */
final class FlinkLib {
  private FlinkLib() {}

  /** The runtime folder and the demo models, as this build has packaged them. */
  static List<Path> withDemoModels() throws IOException {
    try (Stream<Path> jars = Files.list(Path.of(System.getProperty("runtime.folder")))) {
      return Stream.concat(jars.sorted(), Stream.of(Path.of(System.getProperty("demo-models.jar"))))
          .toList();
    }
  }
}
