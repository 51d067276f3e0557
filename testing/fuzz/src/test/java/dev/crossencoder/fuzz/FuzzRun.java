package dev.crossencoder.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs targets under Jazzer, one process after the other, and notes how many inputs each had.
 *
 * <p>A target keeps the inputs that reached new code in {@code corpus}, from which the next run
 * starts; inputs that failed are {@code crash-…}, {@code timeout-…} and {@code oom-…} beside it.
 */
public final class FuzzRun {
  private static final Pattern INPUTS = Pattern.compile("stat::number_of_executed_units: (\\d+)");
  private static final String CODE = "dev.crossencoder.**";

  private FuzzRun() {}

  /**
   * Runs the targets. Exits with 1 if one of them found something.
   *
   * @param arguments the folder to work in, the seconds for each target, and, if not for all, the
   *     names of the targets separated by commas
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    int seconds = Integer.parseInt(arguments[1]);
    List<String> names =
        arguments.length < 3 || arguments[2].isBlank()
            ? Arrays.stream(FuzzTarget.values()).map(FuzzTarget::key).toList()
            : List.of(arguments[2].split(",", -1));
    boolean failed = false;
    for (String name : names) {
      failed |= !run(FuzzTarget.of(name), folder.resolve(name), seconds);
    }
    System.exit(failed ? 1 : 0);
  }

  private static boolean run(FuzzTarget target, Path folder, int seconds)
      throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    Path seeds = Files.createDirectories(folder.resolve("seeds"));
    int number = 0;
    for (byte[] seed : target.seeds()) {
      Files.write(seeds.resolve("seed-" + number++), seed);
    }
    Path output = folder.resolve("output.log");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command(target, folder, corpus, seeds, seconds))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int exitCode = process.waitFor();
    long took = (System.nanoTime() - start) / 1_000_000_000;
    String line =
        "%s seconds=%d inputs=%s exit-code=%d%n"
            .formatted(target.key(), took, inputs(output), exitCode);
    System.out.print(line);
    Files.writeString(
        folder.resolveSibling("runs.log"),
        line,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return exitCode == 0;
  }

  private static List<String> command(
      FuzzTarget target, Path folder, Path corpus, Path seeds, int seconds) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("-XX:+UseSerialGC");
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + JazzerEntry.class.getName());
    command.add("--target_args=" + target.key());
    command.add("--instrumentation_includes=" + CODE);
    command.add("--custom_hook_includes=" + CODE);
    command.add("--reproducer_path=" + folder);
    command.add("-artifact_prefix=" + folder + File.separator);
    command.add("-max_total_time=" + seconds);
    command.add("-timeout=60");
    command.add("-rss_limit_mb=4096");
    command.add("-print_final_stats=1");
    command.add(corpus.toString());
    command.add(seeds.toString());
    return command;
  }

  /** How many inputs Jazzer tried, by what it printed at its end. */
  private static String inputs(Path output) throws IOException {
    Matcher matcher = INPUTS.matcher(Files.readString(output));
    return matcher.find() ? matcher.group(1) : "unknown";
  }
}
