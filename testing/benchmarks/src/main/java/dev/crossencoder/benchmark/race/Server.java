package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An HTTP server in Python that scores pairs. Used by one thread. */
final class Server implements AutoCloseable {
  private static final int START_SECONDS = 180;

  /** Nothing is downloaded or reported. */
  private static final Map<String, String> OFFLINE =
      Map.of(
          "HF_HUB_OFFLINE", "1",
          "TRANSFORMERS_OFFLINE", "1",
          "DO_NOT_TRACK", "1",
          "MALLOC_ARENA_MAX", "2");

  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private final int port;
  private ChildProcess process;

  private Server(List<String> command, Map<String, String> environment, Path log, int port)
      throws IOException {
    this.command = command;
    this.environment = environment;
    this.log = log;
    this.port = port;
    restart();
  }

  /** Starts {@code server.py} with uvicorn, without waiting until it is ready. */
  static Server fastApi(Path python, Path scripts, RaceModel model, Setting setting, Path log)
      throws IOException {
    int port = FlinkCluster.freePort();
    List<String> command =
        List.of(
            python.toString(),
            "-m",
            "uvicorn",
            "--app-dir",
            scripts.toString(),
            "server:app",
            "--port",
            String.valueOf(port),
            "--timeout-keep-alive",
            "75",
            "--log-level",
            "warning");
    Map<String, String> environment = new HashMap<>(OFFLINE);
    environment.put("MODEL", model.checkpoint().toString());
    environment.put("THREADS", setting.text("threads"));
    environment.put("BATCH", setting.text("predict-batch"));
    environment.put("BACKEND", setting.text("backend"));
    return new Server(command, environment, log, port);
  }

  /**
   * Starts Infinity's command-line interface, without waiting until it is ready. {@code
   * OMP_NUM_THREADS} is how torch is told its threads from outside.
   */
  static Server infinity(Path python, RaceModel model, Setting setting, Path log)
      throws IOException {
    int port = FlinkCluster.freePort();
    List<String> command = new ArrayList<>();
    command.add(python.resolveSibling("infinity_emb").toString());
    command.addAll(List.of("v2", "--model-id", model.checkpoint().toString()));
    command.addAll(List.of("--served-model-name", "model", "--engine", "torch"));
    command.addAll(List.of("--device", "cpu", "--dtype", "float32"));
    command.addAll(List.of("--batch-size", setting.text("batch")));
    command.add(setting.text("compile").equals("yes") ? "--compile" : "--no-compile");
    command.addAll(List.of("--host", "127.0.0.1", "--port", String.valueOf(port)));
    command.addAll(List.of("--log-level", "warning"));
    Map<String, String> environment = new HashMap<>(OFFLINE);
    environment.put("OMP_NUM_THREADS", setting.text("threads"));
    return new Server(command, environment, log, port);
  }

  /** Starts it again after {@link #kill}. */
  void restart() throws IOException {
    process = ChildProcess.start(command, environment, log);
  }

  /** Waits until it answers. */
  void awaitReady() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url("/health"))).timeout(Duration.ofSeconds(5)).build();
    for (int i = 0; i < 4 * START_SECONDS && process.isAlive(); i++) {
      try {
        if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      TimeUnit.MILLISECONDS.sleep(250);
    }
    throw new IOException("The server does not start:\n" + process.tail());
  }

  String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  List<ProcessHandle> tree() {
    return process.tree();
  }

  void kill() throws InterruptedException {
    process.kill();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String tail() {
    return process.tail();
  }

  @Override
  public void close() {
    process.close();
  }
}
