package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;

/** Breaks something while records flow. */
public interface Experiment {
  /** Its name on the command line and in files. */
  String name();

  /** What it does, a sentence for the page. */
  String description();

  /** What the job is told about delivery. */
  default Delivery delivery() {
    return Delivery.EXACTLY_ONCE;
  }

  /**
   * What the rig is made of.
   *
   * @param folder of the rig
   */
  default Setup setup(Path folder) {
    return Setup.of(2);
  }

  /** What the records are like, of a run with so many at least. */
  default Mix mix(long seed, int records) {
    return Mix.USUAL;
  }

  /** The model, as the job takes it. */
  default String model(Rig rig) throws Exception {
    return rig.tinyModel();
  }

  /** More arguments of the job. */
  default List<String> jobArguments() {
    return List.of();
  }

  /** How many seconds it takes, about; the rate of the records is set by it. */
  int seconds();

  /** How fast records are sent. */
  default Feeder.Pace pace(int records) {
    return Feeder.Pace.steady((double) records / seconds());
  }

  /**
   * How many outputs may be behind a later one of their partition. After a change of parallelism
   * Flink spreads the records in flight over other subtasks.
   */
  default int outOfOrderLimit() {
    return 0;
  }

  /** Has records flow. */
  default void start(Run run) throws Exception {
    run.startMain();
  }

  /** Does what it is about, while records are sent, and returns when the job runs again. */
  void run(Run run) throws Exception;
}
