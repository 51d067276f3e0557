package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.report.Outcome;
import dev.crossencoder.faults.rig.Rig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs experiments, each on a new rig.
 *
 * @param folder the folder for data, checkpoints and logs
 * @param records the minimum number of records of each experiment
 */
public record Laboratory(Path folder, int records) {
  /** Returns all experiments, in the order of the page. */
  public static List<Experiment> experiments() {
    return List.of(
        new KillTaskManager(Delivery.EXACTLY_ONCE, 10),
        new KillTaskManager(Delivery.AT_LEAST_ONCE, 10),
        new KillJobManager(5),
        new BrokerOutage(30, 3),
        new Freeze(25),
        new ExpiredTransaction(),
        new Rescale(List.of(2, 3, 4)),
        new AnotherModel(4),
        new LiveChange(20),
        new LiveChangeInPlace(50),
        new OfLists(new LiveChange(20)),
        new OfLists(new KillTaskManager(Delivery.EXACTLY_ONCE, 5)),
        new OfLists(new Rescale(List.of(2, 3, 4))),
        new OfLists(new AnotherModel(3)),
        new TopicSettingsChange(),
        new OutOfRange(List.of("committed", "earliest", "latest")),
        new BoundedResume(4),
        new RestartInPlace(20),
        new CancelInForward(5),
        new CancelHung(2),
        new SharedTaskManager(3),
        new SlowModel(false),
        new SlowModel(true),
        new TimeoutToDeadLetter(3),
        new EngineFailures(3),
        new CrashEveryTime(4),
        new UnusableBundle(),
        new Poison(3),
        new Soak(30));
  }

  /** Returns the names of all experiments, in the order of the page. */
  public static List<String> names() {
    return experiments().stream().map(Experiment::name).toList();
  }

  /** Runs an experiment. An exception becomes part of the outcome. */
  public Outcome run(Experiment experiment, long seed) throws InterruptedException {
    System.out.printf("%s, seed %d: %s%n", experiment.name(), seed, experiment.description());
    Path place = folder.resolve(experiment.name());
    Outcome.Builder outcome =
        Outcome.of(
            experiment.name(),
            experiment.description(),
            experiment.delivery(),
            experiment.outOfOrderLimit(),
            seed);
    try (Rig rig = Rig.start(place, experiment.setup(place));
        Run run =
            new Run(
                rig, experiment.pace(records), jobArguments(experiment), seed, records, outcome)) {
      run.openMain(experiment.model(rig), experiment.mix(seed, records));
      experiment.start(run);
      experiment.run(run);
      outcome.verdict(run.finish(), run.restarts());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      // The outcome has only the first line of the message; the whole message has the ends of all
      // logs.
      e.printStackTrace();
      outcome.error(e);
    }
    Outcome built = outcome.build();
    System.out.printf("  %s: %s%n", built.isAsItMustBe() ? "passed" : "FAILED", built.verdict());
    return built;
  }

  private static List<String> jobArguments(Experiment experiment) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--delivery", experiment.delivery().toString()));
    arguments.addAll(experiment.jobArguments());
    return arguments;
  }
}
