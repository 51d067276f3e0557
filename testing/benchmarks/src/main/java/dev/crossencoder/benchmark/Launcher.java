package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.worker.WorkerMain;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the processes of the engines. */
final class Launcher {
  private static final List<String> JVM_OPTIONS =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.time=ALL-UNNAMED");

  private final BenchmarkOptions options;
  private final Disturbance disturbance;

  /**
   * Creates a launcher.
   *
   * @param disturbance is notified of every process
   */
  Launcher(BenchmarkOptions options, Disturbance disturbance) {
    this.options = options;
    this.disturbance = disturbance;
  }

  /** Returns an empty JSON object for options or a request. */
  static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Returns a request with a command. */
  static ObjectNode request(String command, Path pairs) {
    return json().put("command", command).put("pairs", pairs.toString());
  }

  /** Starts a worker in a separate JVM. */
  WorkerProcess java(String name, Kind kind, String heap, ObjectNode json) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.add("-Xmx" + heap);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(WorkerMain.class.getName());
    command.add(kind.key());
    command.add(json.put("threads", options.threads()).toString());
    return start(name, command);
  }

  /** Starts {@link Kind#CROSS_ENCODER} with ample heap. */
  WorkerProcess crossEncoder(String name, Path bundle) throws IOException {
    return java(name, Kind.CROSS_ENCODER, "1g", json().put("bundle", bundle.toString()));
  }

  /** Starts {@link Kind#OPERATOR}. */
  WorkerProcess operator(Path bundle) throws IOException {
    return java("operator", Kind.OPERATOR, "2g", json().put("bundle", bundle.toString()));
  }

  /**
   * Starts {@code peers.py serve}.
   *
   * @param file below the folder; empty for torch
   */
  WorkerProcess peer(String name, Path model, String backend, String file) throws IOException {
    List<String> command =
        python(
            "serve",
            "--model",
            model.toString(),
            "--backend",
            backend,
            "--file",
            file,
            "--threads",
            String.valueOf(options.threads()));
    return start(name, command);
  }

  /** Starts {@code peers.py export}, which sends one reply for each backend. */
  WorkerProcess export(String name, Path checkpoint, Path pairs, Path output) throws IOException {
    List<String> command =
        python(
            "export",
            "--checkpoint",
            checkpoint.toString(),
            "--pairs",
            pairs.toString(),
            "--output",
            output.toString());
    return start(name, command);
  }

  private WorkerProcess start(String name, List<String> command) throws IOException {
    WorkerProcess worker = WorkerProcess.start(name, command, options.work().resolve("logs"));
    disturbance.add(worker);
    return worker;
  }

  private List<String> python(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(options.python().orElseThrow().toString());
    command.add(options.peers().toString());
    command.addAll(List.of(arguments));
    return command;
  }
}
