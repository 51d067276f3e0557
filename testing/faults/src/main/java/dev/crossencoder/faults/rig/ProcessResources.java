package dev.crossencoder.faults.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The resources of a JVM after a full garbage collection. Reads {@code /proc} and calls {@code
 * jcmd}; Linux only.
 *
 * @param metaspaceMegabytes the used metaspace
 * @param heapMegabytes the size of live objects
 * @param anonymousMegabytes {@code RssAnon}
 */
public record ProcessResources(
    int threads,
    int openFiles,
    int loadedClasses,
    double metaspaceMegabytes,
    double heapMegabytes,
    double anonymousMegabytes) {
  private static final double KIBIBYTE = 1 << 10;
  private static final double MEBIBYTE = 1 << 20;
  private static final Pattern METASPACE = Pattern.compile("Metaspace\\s+used (\\d+)K");
  private static final Pattern OBJECTS = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern CLASSES = Pattern.compile("Total = \\d+\\s+(\\d+)");
  private static final Pattern ANONYMOUS = Pattern.compile("RssAnon:\\s+(\\d+)");

  /** Runs a garbage collection in a process and returns its resources. */
  public static ProcessResources of(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run");
    // Cleaners that run after the first collection need time before the second one.
    Thread.sleep(500);
    double heap = number(OBJECTS, jcmd(pid, "GC.class_histogram")) / MEBIBYTE;
    Path process = Path.of("/proc", String.valueOf(pid));
    return new ProcessResources(
        entries(process.resolve("task")),
        entries(process.resolve("fd")),
        (int) number(CLASSES, jcmd(pid, "VM.classloader_stats")),
        number(METASPACE, jcmd(pid, "GC.heap_info")) * KIBIBYTE / MEBIBYTE,
        heap,
        number(ANONYMOUS, Files.readString(process.resolve("status"))) * KIBIBYTE / MEBIBYTE);
  }

  private static double number(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("Cannot find %s in:%n%s".formatted(pattern, text));
    }
    return Double.parseDouble(matcher.group(1));
  }

  private static int entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.count();
    }
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    String.valueOf(pid),
                    command))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("Cannot ask process %d for %s: %s".formatted(pid, command, output));
    }
    return output;
  }
}
