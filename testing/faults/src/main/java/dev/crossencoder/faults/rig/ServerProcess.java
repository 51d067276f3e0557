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
 * A server with this JVM's class path, in a JVM of its own, which can be stopped, killed and
 * started again. Used by one thread.
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
   * Starts one, and returns when it serves clients.
   *
   * @param main writes its port to the file that {@code --ready} names when it does
   * @param folder for that file and its log
   */
  static ServerProcess start(Class<?> main, Path folder, List<String> arguments)
      throws IOException {
    ServerProcess server = new ServerProcess(main, folder, arguments);
    server.restart();
    return server;
  }

  /** Starts it again after {@link #stop} or {@link #kill}, with the same arguments. */
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

  /** Where it serves clients. */
  int port() {
    return port;
  }

  /** Its id in the operating system. */
  long pid() {
    return process.pid();
  }

  /** Ends it in an orderly way. */
  void stop() {
    process.close();
  }

  /** Ends it as {@code kill -9} does. */
  void kill() {
    process.kill();
  }
}
