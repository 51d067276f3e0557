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
 * A JVM of its own that writes what it says to a file. Ends with {@link #close}, and with this JVM
 * at the latest.
 */
public final class JavaProcess implements AutoCloseable {
  private static final int TAIL_LINES = 60;

  /** A broker hands over what it leads, and a TaskManager ends its tasks. */
  private static final int ORDERLY_SECONDS = 40;

  private final Process process;
  private final Path output;

  private JavaProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
    // Does nothing to a process that has ended.
    Runtime.getRuntime()
        .addShutdownHook(new Thread(process::destroyForcibly, "end of process " + process.pid()));
  }

  /**
   * Starts one.
   *
   * @param jvmArguments what comes before the main class, without the class path
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

  /** Whether it has not ended yet. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end and returns the exit code. */
  public int await(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      close();
      throw new IllegalStateException("It did not end within %d s:%n%s".formatted(seconds, tail()));
    }
    return process.exitValue();
  }

  /** Ends it as {@code kill -9} does, and returns once it is gone. */
  public void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its id in the operating system. */
  public long pid() {
    return process.pid();
  }

  /** All that it has said. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + output, e);
    }
  }

  /** The last lines that it has said. */
  public String tail() {
    List<String> lines = output().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  /** Asks it to end, waits for that, and ends it as {@link #kill} does if it takes too long. */
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
