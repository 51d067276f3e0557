package dev.crossencoder.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process as a container would run it: with an environment of its own and, if this JVM is root's,
 * as a user who owns nothing.
 */
final class ImageProcess implements AutoCloseable {
  /** Of the user {@code flink} of Flink's official image. */
  static final int USER = 9999;

  private static final int END_SECONDS = 20;

  private final Process process;
  private final Path output;
  private final Thread lastResort;

  private ImageProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
    this.lastResort = new Thread(process::destroyForcibly, "end of process " + process.pid());
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /** Starts one, and appends what it says to a file. */
  static ImageProcess start(List<String> command, Map<String, String> environment, Path output)
      throws IOException {
    List<String> words = new ArrayList<>();
    if (isRoot()) {
      words.addAll(
          List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"));
    }
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(output.getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new ImageProcess(builder.start(), output);
  }

  static boolean isRoot() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  /** Waits for the end and returns the exit code. */
  int await(long seconds) throws InterruptedException, IOException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "It did not end within %d s:%n%s".formatted(seconds, output()));
    }
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** All that it has said. */
  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(lastResort);
  }
}
