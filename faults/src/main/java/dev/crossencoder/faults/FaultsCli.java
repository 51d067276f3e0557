package dev.crossencoder.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The experiments' command line. */
@Command(
    name = "faults",
    description = "Breaks a real cluster under load, and counts what was lost.",
    mixinStandardHelpOptions = true)
final class FaultsCli {
  private static final int REPORT_SECONDS = 10;

  private FaultsCli() {}

  /** Runs a command and ends the process: 0 if all is as it must be. */
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
      description = "Runs experiments, and writes what they show into a folder and its page.",
      mixinStandardHelpOptions = true)
  int run(
      @Parameters(arity = "0..*", description = "Names of experiments. Default: all.")
          List<String> names,
      @Option(
              names = "--seed",
              defaultValue = "1",
              description =
                  "Decides the records, and when and where something breaks. Default: ${DEFAULT-VALUE}.")
          long seed,
      @Option(
              names = "--records",
              defaultValue = "20000",
              description =
                  "How many records are sent in each at least. Default: ${DEFAULT-VALUE}.")
          int records,
      @Option(
              names = "--results",
              defaultValue = "docs/reliability",
              description =
                  "Where the JSON files go; the page is beside it. Default: ${DEFAULT-VALUE}.")
          Path results)
      throws Exception {
    List<String> wanted = names == null ? List.of() : names;
    List<Experiment> chosen = new ArrayList<>();
    for (Experiment experiment : Laboratory.experiments()) {
      if (wanted.isEmpty() || wanted.contains(experiment.name())) {
        chosen.add(experiment);
      }
    }
    if (chosen.size() < wanted.size()) {
      throw new IllegalArgumentException(
          "Invalid experiments: %s. The command list says what there is.".formatted(wanted));
    }
    OutcomeFiles files = new OutcomeFiles(results);
    Laboratory laboratory = new Laboratory(Files.createTempDirectory("faults"), records);
    boolean asItMustBe = true;
    for (Experiment experiment : chosen) {
      Outcome outcome = laboratory.run(experiment, seed);
      files.write(outcome);
      ReliabilityPage.write(files);
      asItMustBe &= outcome.isAsItMustBe();
    }
    return asItMustBe ? 0 : 1;
  }

  @Command(
      name = "up",
      description = "Starts broker, cluster and job, to break by hand, until Ctrl-C.",
      mixinStandardHelpOptions = true)
  void up(
      @Option(
              names = "--rate",
              defaultValue = "50",
              description = "How many records are sent in a second. Default: ${DEFAULT-VALUE}.")
          double rate)
      throws Exception {
    Path folder = Files.createTempDirectory("faults");
    Rig rig = Rig.start(folder, 2, false);
    Runtime.getRuntime().addShutdownHook(new Thread(rig::close, "rig-shutdown"));
    rig.submit(List.of(), List.of("--parallelism", String.valueOf(Rig.PARTITIONS)));
    try (Feeder feeder = rig.feed(new Traffic(1, Rig.PARTITIONS), Integer.MAX_VALUE, rate)) {
      System.out.printf(
          "Kafka %s (process %d), topics %s, %s and %s; Flink %s, processes %s; logs and data in %s.%n",
          rig.broker().bootstrapServers(),
          rig.broker().pid(),
          Rig.INPUT,
          Rig.OUTPUT,
          Rig.DEAD_LETTERS,
          rig.cluster().rest().address(),
          rig.cluster().pids(),
          folder);
      while (true) {
        TimeUnit.SECONDS.sleep(REPORT_SECONDS);
        // Markers of transactions have offsets too.
        System.out.printf(
            "%d records sent, committed outputs end at %d%n", feeder.sent(), rig.committed());
      }
    }
  }
}
