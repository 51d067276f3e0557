package dev.crossencoder.faults;

import dev.crossencoder.faults.experiment.Experiment;
import dev.crossencoder.faults.experiment.Flow;
import dev.crossencoder.faults.experiment.Laboratory;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.records.Traffic;
import dev.crossencoder.faults.report.Outcome;
import dev.crossencoder.faults.report.OutcomeFiles;
import dev.crossencoder.faults.report.ReliabilityPage;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of the fault experiments. */
@Command(
    name = "faults",
    description = "Breaks a real cluster under load, and counts lost and duplicated records.",
    mixinStandardHelpOptions = true)
final class FaultsCli {
  private static final int REPORT_SECONDS = 10;

  @Spec private CommandSpec spec;

  private FaultsCli() {}

  /** Runs a command and ends the process with exit code 0 if all checks pass. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new FaultsCli()).execute(arguments));
  }

  @Command(name = "list", description = "Lists the experiments.", mixinStandardHelpOptions = true)
  int list() {
    for (Experiment experiment : Laboratory.experiments()) {
      System.out.printf("%-32s %s%n", experiment.name(), experiment.description());
    }
    return 0;
  }

  @Command(
      name = "run",
      description = "Runs experiments, and writes their outcomes and the page.",
      mixinStandardHelpOptions = true)
  int run(
      @Parameters(arity = "0..*", description = "Names of experiments. Default: all.")
          List<String> names,
      @Option(
              names = "--seed",
              defaultValue = "1",
              description =
                  "The seed of the records, and of the times and places of faults. Default: ${DEFAULT-VALUE}.")
          long seed,
      @Option(
              names = "--records",
              defaultValue = "20000",
              description =
                  "The minimum number of records of each experiment. Default: ${DEFAULT-VALUE}.")
          int records,
      @Option(
              names = "--results",
              defaultValue = "docs/reliability",
              description =
                  "The folder for the JSON files. The page is written beside it. Default: ${DEFAULT-VALUE}.")
          Path results)
      throws Exception {
    List<Experiment> chosen = chosen(names == null ? List.of() : names);
    if (records < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid --records: %d. It must be positive.".formatted(records));
    }
    OutcomeFiles files = new OutcomeFiles(results);
    Laboratory laboratory = new Laboratory(newFolder(), records);
    boolean asItMustBe = true;
    for (Experiment experiment : chosen) {
      Outcome outcome = laboratory.run(experiment, seed);
      files.write(outcome);
      ReliabilityPage.write(files, Laboratory.names());
      asItMustBe &= outcome.isAsItMustBe();
    }
    return asItMustBe ? 0 : 1;
  }

  @Command(
      name = "page",
      description = "Regenerates the page from the results and the notes.",
      mixinStandardHelpOptions = true)
  int page(
      @Option(
              names = "--results",
              defaultValue = "docs/reliability",
              description = "The folder with the JSON files. Default: ${DEFAULT-VALUE}.")
          Path results)
      throws IOException {
    ReliabilityPage.write(new OutcomeFiles(results), Laboratory.names());
    return 0;
  }

  private List<Experiment> chosen(List<String> names) {
    Map<String, Experiment> all = new LinkedHashMap<>();
    Laboratory.experiments().forEach(experiment -> all.put(experiment.name(), experiment));
    if (names.isEmpty()) {
      return List.copyOf(all.values());
    }
    List<Experiment> chosen = new ArrayList<>();
    for (String name : new LinkedHashSet<>(names)) {
      if (!all.containsKey(name)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "Invalid experiment: %s. There are %s."
                .formatted(name, String.join(", ", all.keySet())));
      }
      chosen.add(all.get(name));
    }
    return chosen;
  }

  private static Path newFolder() throws IOException {
    Path folder = Files.createTempDirectory("faults");
    System.out.printf("Data, checkpoints and logs are in %s%n", folder);
    return folder;
  }

  @Command(
      name = "up",
      description = "Starts broker, cluster and job for manual tests, until Ctrl-C.",
      mixinStandardHelpOptions = true)
  void up(
      @Option(
              names = "--rate",
              defaultValue = "50",
              description =
                  "The number of records that are sent per second. Default: ${DEFAULT-VALUE}.")
          double rate)
      throws Exception {
    Path folder = newFolder();
    Rig rig = Rig.start(folder, Setup.of(2));
    Runtime.getRuntime().addShutdownHook(new Thread(rig::close, "rig-shutdown"));
    Traffic traffic = new Traffic(1, Topics.PARTITIONS, Mix.USUAL);
    try (Flow flow = Flow.open(rig, "faults", rig.tinyModel(), traffic, List.of())) {
      flow.job().submit(rig.slots());
      flow.feed(Feeder.Pace.steady(rate), Integer.MAX_VALUE);
      System.out.printf(
          "Kafka %s (process %d), %s; Flink %s, processes %s.%n",
          rig.broker().bootstrapServers(),
          rig.broker().pid(),
          flow.topics(),
          rig.cluster().rest().address(),
          rig.cluster().pids());
      while (true) {
        TimeUnit.SECONDS.sleep(REPORT_SECONDS);
        System.out.printf(
            "%d records sent, %d have an output; %s%n",
            flow.sent(), flow.ledger().seen(), flow.ledger().verdict(0));
      }
    }
  }
}
