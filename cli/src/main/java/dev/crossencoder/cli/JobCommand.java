package dev.crossencoder.cli;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.ModelOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cross-encoder job}: prints or runs the {@code flink run} command line of the Kafka job.
 */
@Command(
    name = "job",
    description = {
      "Checks the options of the Kafka job, and prints or runs the flink run command line for them."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder job --bootstrap-servers kafka:9092 --input-topic pairs \\",
      "    --output-topic scored --model demo-rank --checkpoint-interval 10s",
      "  cross-encoder job --print-memory --model demo-rank --slots 2"
    })
final class JobCommand implements Callable<Integer> {
  private static final String RUN = "--run";
  private static final String PRINT_MEMORY = "--print-memory";
  private static final String SLOTS = "--slots";
  private static final String FLINK_HOME = "--flink-home";
  private static final int MAX_SLOTS = 1024;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private CommandSpec spec;

  @Option(names = RUN, description = "Run the command line instead of printing it.")
  private boolean run;

  @Option(
      names = PRINT_MEMORY,
      description =
          "Print the memory options for Flink's config.yaml that a TaskManager needs for the model. Requires --model only.")
  private boolean printMemory;

  @Option(
      names = SLOTS,
      paramLabel = "N",
      defaultValue = "1",
      description =
          "With --print-memory: the number of slots of a TaskManager (default: ${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = FLINK_HOME,
      paramLabel = "FOLDER",
      defaultValue = "${env:FLINK_HOME}",
      description = "The folder in which Flink is installed. By default the variable FLINK_HOME.")
  private Path flinkHome;

  /** Adds the options of the job. Called by picocli when it builds the command. */
  @Spec
  void setSpec(CommandSpec newSpec) {
    spec = newSpec;
    JobArguments.addTo(newSpec);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine.ParseResult arguments = spec.commandLine().getParseResult();
    if (printMemory) {
      printMemory(JobArguments.read(arguments));
      return CommandLine.ExitCode.OK;
    }
    JobConfig.from(JobArguments.read(arguments));
    List<String> line = new ArrayList<>();
    line.add(flinkHome == null ? "flink" : flinkHome.resolve("bin").resolve("flink").toString());
    line.add("run");
    line.add(jobJar().toString());
    line.addAll(jobArguments(arguments));
    if (!run) {
      spec.commandLine().getOut().println(quote(line));
      spec.commandLine().getOut().flush();
      return CommandLine.ExitCode.OK;
    }
    if (flinkHome == null || !Files.isExecutable(flinkHome.resolve("bin").resolve("flink"))) {
      throw new CommandFailedException(
          "Cannot run the job, there is no %s. Set %s or FLINK_HOME to Flink's folder."
              .formatted(line.get(0), FLINK_HOME));
    }
    return new ProcessBuilder(line).inheritIO().start().waitFor();
  }

  private void printMemory(Configuration options) throws IOException {
    if (slots <= 0 || slots > MAX_SLOTS) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Invalid %s: %d. It must be from 1 to %d.".formatted(SLOTS, slots, MAX_SLOTS));
    }
    boolean gpu = options.get(CrossEncoderFunctionOptions.DEVICE).startsWith("gpu");
    int cores =
        options
            .getOptional(CrossEncoderFunctionOptions.CPU_THREADS)
            .map(threads -> threads * slots)
            .orElse(Runtime.getRuntime().availableProcessors());
    List<Bundle> bundles = bundles(options);
    long maxSize = maxSize(options, bundles);
    PrintWriter out = spec.commandLine().getOut();
    out.print(MemoryPlan.of(bundles, maxSize, slots, cores, gpu).lines());
    out.flush();
  }

  /**
   * Returns the models that a TaskManager may have loaded at the same time. If its subtasks may not
   * load all, these are the largest ones.
   */
  private List<Bundle> bundles(Configuration options) {
    Map<String, Bundle> byDigest = new LinkedHashMap<>();
    int perSlot = 0;
    for (Map.Entry<String, ReadableConfig> named : ModelOptions.split(options).entrySet()) {
      ReadableConfig each = named.getValue();
      String model =
          each.getOptional(CrossEncoderFunctionOptions.MODEL)
              .orElseThrow(() -> missingModel(named.getKey()));
      List<Bundle> bundles = new ArrayList<>(List.of(DownloadProgress.resolve(model)));
      each.getOptional(CrossEncoderFunctionOptions.CASCADE_MODEL)
          .ifPresent(first -> bundles.add(DownloadProgress.resolve(first)));
      bundles.forEach(bundle -> byDigest.put(bundle.digest(), bundle));
      perSlot = Math.max(perSlot, bundles.size());
    }
    int loaded =
        options.getOptional(CrossEncoderFunctionOptions.MODELS_MAX_LOADED).orElse(byDigest.size());
    long most = (long) perSlot * slots * loaded;
    if (byDigest.size() <= most) {
      return List.copyOf(byDigest.values());
    }
    return byDigest.values().stream()
        .sorted(Comparator.comparingLong(Bundle::bytes).reversed())
        .limit(most)
        .toList();
  }

  /** Returns the largest total size of the files of all models that the slots keep loaded. */
  private long maxSize(Configuration options, List<Bundle> bundles) {
    long bytes =
        options
            .getOptional(CrossEncoderFunctionOptions.MODELS_MAX_SIZE)
            .map(MemorySize::getBytes)
            .orElse(Long.MAX_VALUE);
    long largest = bundles.stream().mapToLong(Bundle::bytes).max().orElseThrow();
    if (bytes < largest) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Invalid --models-max-size: %s. The largest model alone has %s: raise it, or leave it out."
              .formatted(new MemorySize(bytes), new MemorySize(largest)));
    }
    return bytes > Long.MAX_VALUE / slots ? Long.MAX_VALUE : bytes * slots;
  }

  private CommandLine.ParameterException missingModel(String name) {
    return new CommandLine.ParameterException(
        spec.commandLine(),
        name.equals(ModelOptions.UNNAMED)
            ? "Missing --model: the memory is computed for one."
            : "Missing --models %s.model=MODEL.".formatted(name));
  }

  /** Returns the arguments for the job: all given arguments except this command's own options. */
  private static List<String> jobArguments(CommandLine.ParseResult arguments) {
    List<String> words = new ArrayList<>();
    List<String> given = arguments.originalArgs();
    for (int i = given.indexOf("job") + 1; i < given.size(); i++) {
      String word = given.get(i);
      if (word.equals(FLINK_HOME) || word.equals(SLOTS)) {
        i++;
      } else if (!word.equals(RUN)
          && !word.startsWith(FLINK_HOME + "=")
          && !word.startsWith(SLOTS + "=")) {
        words.add(word);
      }
    }
    return words;
  }

  private static Path jobJar() {
    String configured = System.getProperty("cross-encoder.job-jar");
    return configured == null
        ? Path.of("job", "target", "flink-cross-encoder-job.jar")
        : Path.of(configured);
  }

  private static String quote(List<String> words) {
    return words.stream()
        .map(word -> PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }
}
