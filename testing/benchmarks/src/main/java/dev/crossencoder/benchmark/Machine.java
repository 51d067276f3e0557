package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.report.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The properties of this machine, from Linux. */
final class Machine {
  private static final Path CPU = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path OWN_STATISTICS = Path.of("/proc/self/stat");
  private static final Path STATISTICS = Path.of("/proc/stat");

  /** The system counts CPU time in hundredths of a second. */
  private static final double TICKS_PER_SECOND = 100;

  private static final List<String> FLAGS =
      List.of(
          "fma",
          "avx2",
          "avx512f",
          "avx512_vnni",
          "avx_vnni",
          "avx512_bf16",
          "amx_bf16",
          "amx_int8",
          "asimd",
          "asimddp",
          "i8mm",
          "bf16",
          "sve");

  private Machine() {}

  /** Returns the description of the machine and the software versions. */
  static Environment environment(
      BenchmarkOptions options, Map<String, String> versions, double otherCpuShare)
      throws IOException {
    Map<String, String> all = new TreeMap<>(versions);
    all.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
    List<String> present =
        Arrays.asList(
            field(CPU, "flags").or(() -> field(CPU, "Features")).orElse("").split(" +", -1));
    return new Environment(
        LocalDate.now(ZoneId.systemDefault()).toString(),
        commit(),
        field(CPU, "model name").orElse(System.getProperty("os.arch")),
        FLAGS.stream().filter(present::contains).toList(),
        Runtime.getRuntime().availableProcessors(),
        field(MEMORY, "MemTotal")
            .map(text -> 1024 * Long.parseLong(text.replaceAll("[^0-9]", "")))
            .orElse(0L),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        options.threads(),
        options.rounds(),
        options.quick(),
        otherCpuShare,
        all);
  }

  private static Optional<String> field(Path file, String name) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String commit() throws IOException {
    String commit = output("git", "rev-parse", "--short=12", "HEAD");
    if (commit.isEmpty()) {
      return "unknown";
    }
    String changes =
        output(
            "git",
            "status",
            "--porcelain",
            "--untracked-files=no",
            "--",
            "*.java",
            "*.py",
            "pom.xml");
    return changes.isEmpty() ? commit : commit + " and changes";
  }

  private static String output(String... command) throws IOException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Returns the CPU seconds of all processes of this machine; 0 if unknown. */
  static double busySeconds() throws IOException {
    if (!Files.exists(STATISTICS)) {
      return 0;
    }
    try (var lines = Files.lines(STATISTICS)) {
      return busyTicks(lines.findFirst().orElseThrow()) / TICKS_PER_SECOND;
    }
  }

  /** Returns the CPU seconds of the ended children of this process; 0 if unknown. */
  static double childrenSeconds() throws IOException {
    return Files.exists(OWN_STATISTICS)
        ? childrenTicks(Files.readString(OWN_STATISTICS)) / TICKS_PER_SECOND
        : 0;
  }

  /**
   * Returns the CPU time of the ended children.
   *
   * @param line {@code pid (name) state ppid … utime stime cutime cstime …}
   */
  static long childrenTicks(String line) {
    String[] columns = line.substring(line.lastIndexOf(')') + 2).split(" +", -1);
    return Long.parseLong(columns[13]) + Long.parseLong(columns[14]);
  }

  /**
   * Returns the busy time.
   *
   * @param line {@code cpu user nice system idle iowait irq softirq steal …}; user includes guests
   */
  static long busyTicks(String line) {
    String[] columns = line.split(" +", -1);
    long busy = 0;
    for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
      busy += Long.parseLong(columns[i]);
    }
    return busy;
  }
}
