package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process whose output goes to a file. It ends with its descendants at {@link #close}, at the
 * latest when this JVM ends. Used by one thread.
 */
final class ChildProcess implements AutoCloseable {
  private static final int TAIL_LINES = 25;
  private static final int ORDERLY_SECONDS = 15;

  private final Process process;
  private final Path log;

  private ChildProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    // No effect if the process has ended.
    Runtime.getRuntime()
        .addShutdownHook(new Thread(this::destroyAll, "end of process " + process.pid()));
  }

  /**
   * Starts a process.
   *
   * @param environment variables in addition to those of this process; those that set the threads
   *     of engines are removed
   * @param log the output is appended to it
   */
  static ChildProcess start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    Files.createDirectories(log.toAbsolutePath().getParent());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(key -> key.matches("(OMP|MKL|KMP|GOMP|FLINK)_.*"));
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), log);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the process and its descendants. */
  List<ProcessHandle> tree() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  /**
   * Waits for the end of the process.
   *
   * @throws IOException if it fails or does not end; the message has the end of its log
   */
  void awaitSuccess(int seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      close();
      throw new IOException("It did not end within %d s:%n%s".formatted(seconds, tail()));
    }
    if (process.exitValue() != 0) {
      throw new IOException("It ended with %d:%n%s".formatted(process.exitValue(), tail()));
    }
  }

  /** Kills the process with SIGKILL, without its descendants. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Returns the end of the log. */
  String tail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + log, e);
    }
  }

  private void destroyAll() {
    List<ProcessHandle> all = tree();
    process.destroy();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    List<ProcessHandle> all = tree();
    process.destroy();
    try {
      if (!process.waitFor(ORDERLY_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
