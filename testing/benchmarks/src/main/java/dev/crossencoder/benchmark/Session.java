package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.report.ResultFiles;
import dev.crossencoder.benchmark.worker.PairFile;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The state that all sections of a run share. Used by one thread. */
final class Session {
  /** The number of pairs that jobs score before the measurement. */
  static final int WARM_UP = 160;

  private static final double ROUGH_SECONDS = 4;

  private static final Pattern LIBRARY =
      Pattern.compile(
          "(pytorch-native-cpu|pytorch-jni|onnxruntime|flink-streaming-java|kafka-clients)-([0-9][0-9.]*[0-9])[^/]*\\.jar");

  private final BenchmarkOptions options;
  private final Launcher launcher;
  private final Models models;
  private final ResultFiles results;
  private final Disturbance disturbance = new Disturbance();
  private final Map<String, String> versions = new TreeMap<>();

  Session(BenchmarkOptions options) {
    this.options = options;
    this.launcher = new Launcher(options, disturbance);
    this.models = new Models(options, launcher);
    this.results = new ResultFiles(options.results());
    Matcher matcher = LIBRARY.matcher(System.getProperty("java.class.path"));
    while (matcher.find()) {
      versions.put(matcher.group(1) + " (Java)", matcher.group(2));
    }
  }

  BenchmarkOptions options() {
    return options;
  }

  Launcher launcher() {
    return launcher;
  }

  Models models() {
    return models;
  }

  ResultFiles results() {
    return results;
  }

  /** Stores the library versions that a worker reported. */
  void addVersions(JsonNode ready) {
    ready
        .path("versions")
        .properties()
        .forEach(
            version -> versions.put(version.getKey() + " (Python)", version.getValue().asText()));
  }

  /** Starts to measure the CPU usage of other processes for the next section. */
  void watch() throws IOException {
    disturbance.watch();
  }

  Environment environment() throws IOException {
    return environment(0);
  }

  /**
   * Describes the measurement.
   *
   * @param moreSeconds the CPU time of processes of the benchmark that are not its workers
   */
  Environment environment(double moreSeconds) throws IOException {
    return Machine.environment(options, versions, disturbance.share(moreSeconds));
  }

  /** Writes pairs to a file for workers. */
  Path file(String name, List<TextPair> pairs) throws IOException {
    Path file = options.work().resolve("pairs").resolve(name + ".jsonl");
    PairFile.write(file, pairs);
    return file;
  }

  /** All pairs of a workload. */
  List<TextPair> pairs(Workload workload) throws IOException {
    return workload.read(options.data());
  }

  /**
   * Returns the pairs per second of a model without Flink, after JIT warm-up.
   *
   * @param worker a loaded model
   */
  double roughRate(WorkerProcess worker, Workload workload) throws IOException {
    List<TextPair> some = Workload.sample(pairs(workload), 4 * Workload.STRETCH);
    Path file = file("rough-" + workload.key(), some);
    double total = 0;
    double seconds = 0;
    while (total < (options.quick() ? 1 : ROUGH_SECONDS)) {
      seconds = worker.ask(Launcher.request("score", file)).path("seconds").doubleValue();
      total += seconds;
    }
    return some.size() / seconds;
  }

  /** Waits until the threads of the previous engine have stopped spinning. */
  void settle() {
    try {
      Thread.sleep(300);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The benchmark was interrupted", e);
    }
  }
}
