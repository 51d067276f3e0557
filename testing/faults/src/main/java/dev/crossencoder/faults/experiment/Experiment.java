package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Delivery;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;

/** A fault experiment: causes faults while records flow through the job. */
public interface Experiment {
  /** The name on the command line and in files. */
  String name();

  /** A description for the page. */
  String description();

  /** The delivery guarantee of the job. */
  default Delivery delivery() {
    return Delivery.EXACTLY_ONCE;
  }

  /**
   * The configuration of the rig.
   *
   * @param folder the folder of the rig
   */
  default Setup setup(Path folder) {
    return Setup.of(2);
  }

  /**
   * The distribution of the records.
   *
   * @param records the minimum number of records
   */
  default Mix mix(long seed, int records) {
    return Mix.USUAL;
  }

  /** The value of the job's option {@code --model}. */
  default String model(Rig rig) throws Exception {
    return rig.tinyModel();
  }

  /** Additional arguments of the job. */
  default List<String> jobArguments() {
    return List.of();
  }

  /** The approximate duration in seconds, which determines the rate of the records. */
  int seconds();

  /** The rate at which records are sent. */
  default Feeder.Pace pace(int records) {
    return Feeder.Pace.steady((double) records / seconds());
  }

  /**
   * The permitted number of outputs out of order. After a change of parallelism, Flink distributes
   * the records in flight to other subtasks.
   */
  default int outOfOrderLimit() {
    return 0;
  }

  /** Starts the flow of records. */
  default void start(Run run) throws Exception {
    run.startMain();
  }

  /** Causes the faults while records are sent. Returns when the job runs again. */
  void run(Run run) throws Exception;
}
