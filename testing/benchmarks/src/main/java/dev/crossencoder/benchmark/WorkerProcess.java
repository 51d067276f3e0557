package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.worker.ProcessMemory;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process with one engine. Requests and replies are lines of JSON on standard input and output.
 * Standard error goes to a log file. Used by one thread.
 */
final class WorkerProcess implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final long CLOSE_SECONDS = 20;

  private final String name;
  private final Path log;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader replies;
  private double lastCpuSeconds;

  private WorkerProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    this.replies = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a process, without waiting until it is ready. */
  static WorkerProcess start(String name, List<String> command, Path logs) throws IOException {
    Files.createDirectories(logs);
    Path log = logs.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(log.toFile());
    // The number of threads is an option of each engine; environment variables of this process must
    // not override it.
    builder.environment().keySet().removeIf(key -> key.matches("(OMP|MKL|KMP|GOMP)_.*"));
    // Disables the telemetry of ONNX Runtime.
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return new WorkerProcess(name, log, builder.start());
  }

  /**
   * Waits until the engine is loaded.
   *
   * @return the description that it sends
   */
  JsonNode awaitReady() throws IOException {
    return reply();
  }

  /** Sends a request without waiting for the reply. */
  void send(ObjectNode request) throws IOException {
    requests.write(MAPPER.writeValueAsString(request));
    requests.newLine();
    requests.flush();
  }

  /** Sends a request and waits for its reply. */
  JsonNode ask(ObjectNode request) throws IOException {
    send(request);
    return reply();
  }

  /**
   * Waits for the next reply.
   *
   * @throws IOException if the request failed or the process has ended
   */
  JsonNode reply() throws IOException {
    String line = replies.readLine();
    if (line == null) {
      throw new IOException(
          "%s has ended with exit code %s. See %s: %s"
              .formatted(name, exitCode(), log, lastLine()));
    }
    JsonNode reply = MAPPER.readTree(line);
    if (reply.has("error")) {
      throw new IOException("%s failed: %s".formatted(name, reply.path("error").asText()));
    }
    return reply;
  }

  private String exitCode() {
    try {
      return process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)
          ? String.valueOf(process.exitValue())
          : "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  private String lastLine() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  String name() {
    return name;
  }

  /** Returns the CPU time of the process, if the system reports it. */
  double cpuSeconds() {
    lastCpuSeconds = Math.max(lastCpuSeconds, cpuSeconds(process.toHandle()));
    return lastCpuSeconds;
  }

  static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e9).orElse(0.0);
  }

  /** Returns the current and peak memory of the process. */
  ProcessMemory memory() throws IOException {
    return ProcessMemory.of(String.valueOf(process.pid()));
  }

  /** Closes standard input, upon which the process ends. */
  @Override
  public void close() throws IOException {
    cpuSeconds();
    requests.close();
    try {
      if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    replies.close();
  }
}
