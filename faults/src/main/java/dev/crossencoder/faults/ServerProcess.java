package dev.crossencoder.faults;

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

/** A server with this JVM's class path, in a JVM of its own. Used by one thread. */
final class ServerProcess {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final JavaProcess process;
  private final int port;

  private ServerProcess(JavaProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one, and returns when it serves clients.
   *
   * @param main writes its port to the file that {@code --ready} names when it does
   * @param folder for that file and its log
   */
  static ServerProcess start(Class<?> main, Path folder, List<String> arguments)
      throws IOException {
    Files.createDirectories(folder);
    Path ready = folder.resolve("ready");
    Files.deleteIfExists(ready);
    JavaProcess process =
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
    return new ServerProcess(process, Integer.parseInt(Files.readString(ready)));
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
