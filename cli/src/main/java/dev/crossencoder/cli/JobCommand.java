package dev.crossencoder.cli;

import dev.crossencoder.job.JobArguments;
import dev.crossencoder.job.JobConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints or runs the {@code flink run} line of the Kafka job. */
@Command(
    name = "job",
    description = {
      "Checks the options of the Kafka job and prints the flink run line for them, or runs it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  cross-encoder job --bootstrap-servers kafka:9092 --input-topic pairs \\",
      "    --output-topic scored --model demo-qa --checkpoint-interval 10s"
    })
final class JobCommand implements Callable<Integer> {
  private static final String RUN = "--run";
  private static final String FLINK_HOME = "--flink-home";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private CommandSpec spec;

  @Option(names = RUN, description = "Run the line instead of printing it.")
  private boolean run;

  @Option(
      names = FLINK_HOME,
      paramLabel = "FOLDER",
      defaultValue = "${env:FLINK_HOME}",
      description = "Where Flink is installed. By default the variable FLINK_HOME.")
  private Path flinkHome;

  /** Adds the job's own flags; called by picocli when it builds the command. */
  @Spec
  void setSpec(CommandSpec newSpec) {
    spec = newSpec;
    JobArguments.addTo(newSpec);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine.ParseResult arguments = spec.commandLine().getParseResult();
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

  /** The job's flags as they were given, without this command's own. */
  private static List<String> jobArguments(CommandLine.ParseResult arguments) {
    List<String> words = new ArrayList<>();
    List<String> given = arguments.originalArgs();
    for (int i = given.indexOf("job") + 1; i < given.size(); i++) {
      String word = given.get(i);
      if (word.equals(FLINK_HOME)) {
        i++;
      } else if (!word.equals(RUN) && !word.startsWith(FLINK_HOME + "=")) {
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
