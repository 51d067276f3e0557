package dev.crossencoder.faults.rig;

import static org.awaitility.Awaitility.await;

import dev.crossencoder.cluster.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A server in a separate JVM with the class path of this JVM, which can be stopped, killed and
 * restarted. Used by one thread.
 */
final class ServerProcess {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final Class<?> main;
  private final Path folder;
  private final List<String> arguments;
  private JavaProcess process;
  private int port;

  private ServerProcess(Class<?> main, Path folder, List<String> arguments) {
    this.main = main;
    this.folder = folder;
    this.arguments = List.copyOf(arguments);
  }

  /**
   * Starts a server, and returns when it serves clients.
   *
   * @param main the main class; it writes its port to the file of the option {@code --ready} when
   *     it serves clients
   * @param folder the folder for that file and the log
   */
  static ServerProcess start(Class<?> main, Path folder, List<String> arguments)
      throws IOException {
    ServerProcess server = new ServerProcess(main, folder, arguments);
    server.restart();
    return server;
  }

  /** Restarts the server after {@link #stop} or {@link #kill} with the same arguments. */
  void restart() throws IOException {
    Files.createDirectories(folder);
    Path ready = folder.resolve("ready");
    Files.deleteIfExists(ready);
    process =
        JavaProcess.start(
            main.getName(),
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList(),
            List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"),
            Stream.concat(arguments.stream(), Stream.of("--ready=" + ready)).toList(),
            Map.of(),
            folder.resolve("server.log"));
    try {
      await()
          .atMost(START_DEADLINE)
          .pollInterval(Duration.ofMillis(100))
          .failFast("it has ended", () -> !process.isAlive())
          .until(() -> Files.exists(ready) && Files.size(ready) > 0);
    } catch (RuntimeException e) {
      process.close();
      throw new IllegalStateException(
          "Cannot start %s:%n%s".formatted(main.getSimpleName(), process.tail()), e);
    }
    port = Integer.parseInt(Files.readString(ready));
  }

  /** The port for clients. */
  int port() {
    return port;
  }

  /** The process id. */
  long pid() {
    return process.pid();
  }

  /** Ends the process with SIGTERM. */
  void stop() {
    process.close();
  }

  /** Kills the process with SIGKILL. */
  void kill() {
    process.kill();
  }
}
