package dev.crossencoder.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A separate JVM whose output goes to a file. It ends with {@link #close}, at the latest when this
 * JVM ends.
 */
public final class JavaProcess implements AutoCloseable {
  private static final int TAIL_LINES = 60;

  /** Allows for a broker to hand over its partitions and for a TaskManager to end its tasks. */
  private static final int ORDERLY_SECONDS = 40;

  private final Process process;
  private final Path output;

  private JavaProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
    // No effect if the process has ended.
    Runtime.getRuntime()
        .addShutdownHook(new Thread(process::destroyForcibly, "end of process " + process.pid()));
  }

  /**
   * Starts a process.
   *
   * @param jvmArguments the arguments before the main class, without the class path
   */
  public static JavaProcess start(
      String mainClass,
      List<Path> classPath,
      List<String> jvmArguments,
      List<String> arguments,
      Map<String, String> environment,
      Path output)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().putAll(environment);
    builder
        .environment()
        .put(
            "CLASSPATH",
            classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    return new JavaProcess(builder.start(), output);
  }

  /** Returns whether the process is running. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end of the process and returns the exit code. */
  public int await(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      close();
      throw new IllegalStateException("It did not end within %d s:%n%s".formatted(seconds, tail()));
    }
    return process.exitValue();
  }

  /** Kills the process with SIGKILL, and returns when it has ended. */
  public void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** Returns the whole output. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + output, e);
    }
  }

  /** Returns the last lines of the output. */
  public String tail() {
    List<String> lines = output().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  /** Sends SIGTERM and waits for the end. Kills the process after a deadline. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(ORDERLY_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
