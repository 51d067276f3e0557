package dev.crossencoder.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;

/**
 * Runs experiments: each on a rig of its own, with records that are sent meanwhile and read when
 * all is over.
 *
 * @param folder for data, checkpoints and logs
 * @param records how many are sent in each at least
 */
record Laboratory(Path folder, int records) {
  /** What is committed late is committed with the next checkpoint, once a backlog is worked off. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** All experiments, in the page's order. */
  static List<Experiment> experiments() {
    return List.of(
        new KillTaskManager("exactly-once", 10),
        new KillTaskManager("at-least-once", 10),
        new KillJobManager(5),
        new BrokerOutage(30, 3),
        new Rescale(List.of(2, 3, 4)),
        new RestartInPlace(20));
  }

  /** Runs an experiment. */
  Outcome run(Experiment experiment, long seed) throws Exception {
    Traffic traffic = new Traffic(seed, Rig.PARTITIONS);
    System.out.printf("%s, seed %d: %s%n", experiment.name(), seed, experiment.description());
    try (Rig rig =
        Rig.start(
            folder.resolve(experiment.name()),
            experiment.taskManagers(),
            experiment.highAvailability())) {
      Run run = new Run(rig, experiment, new Random(seed));
      rig.submit(List.of(), run.jobArguments());
      int inputs;
      try (Feeder feeder = rig.feed(traffic, records, (double) records / experiment.seconds())) {
        experiment.run(run);
        inputs = feeder.finish();
      }
      Ledger ledger = new Ledger(traffic, inputs);
      rig.outputs().readInto(ledger, PATIENCE);
      rig.cancel();
      Outcome outcome =
          new Outcome(
              experiment.name(),
              experiment.description(),
              experiment.delivery(),
              LocalDate.now(ZoneOffset.UTC).toString(),
              seed,
              run.faults(),
              run.growths(),
              experiment.outOfOrderLimit(),
              ledger.verdict());
      System.out.printf("  %s%n", outcome.verdict());
      return outcome;
    }
  }
}
