package dev.crossencoder.benchmark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The system properties of {@link Scaling}.
 *
 * @param models {@code benchmark.models}: sizes of {@code ModelSize}, names of embedded models, or
 *     folders of bundles
 * @param results {@code benchmark.results}: the file of the results
 * @param page {@code benchmark.page}: the page
 * @param seconds {@code benchmark.seconds}: the duration of each measurement
 * @param quick {@code benchmark.quick}: whether this is a trial run
 * @param jobJar {@code job.jar}: the packaged job
 * @param runtime {@code runtime.folder}: the jars for Flink's {@code lib}
 * @param demoModels {@code demo-models.jar}: the embedded models
 */
record ScalingOptions(
    List<String> models,
    Path results,
    Path page,
    double seconds,
    boolean quick,
    Path jobJar,
    Path runtime,
    Path demoModels) {
  private static final String MODELS = "benchmark.models";
  private static final String SECONDS = "benchmark.seconds";

  /** Reads the properties of this process. */
  static ScalingOptions read() {
    boolean quick = !text("benchmark.quick", "").isEmpty();
    String folder = quick ? "testing/benchmarks/target" : "docs";
    return new ScalingOptions(
        Arrays.stream(
                text(MODELS, quick ? "demo-rank" : "tinybert-l2,demo-rank,minilm-l6").split(","))
            .map(String::strip)
            .toList(),
        Path.of(text("benchmark.results", folder + "/sizing.json")),
        Path.of(text("benchmark.page", folder + "/sizing.md")),
        Double.parseDouble(text(SECONDS, quick ? "2" : "6")),
        quick,
        Path.of(text("job.jar", "job/target/flink-cross-encoder-job.jar")),
        Path.of(text("runtime.folder", "job/target/runtime")),
        Path.of(text("demo-models.jar", "")));
  }

  /** Returns the command that repeats the measurement. */
  String command() {
    String others =
        Stream.of(MODELS, SECONDS)
            .filter(name -> !text(name, "").isEmpty())
            .map(name -> "-D%s=%s".formatted(name, text(name, "")))
            .collect(Collectors.joining(" "));
    return "./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dcrossencoder.data=/path/to/data -Dbenchmark=Scaling %s"
        .formatted(others.isEmpty() ? "" : "-Dbenchmark.jvm.arguments=\"" + others + "\"")
        .strip();
  }

  /** Maven passes unset properties as empty strings. */
  private static String text(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isBlank() ? otherwise : value.strip();
  }
}
