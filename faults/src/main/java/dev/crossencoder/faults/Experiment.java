package dev.crossencoder.faults;

/** Breaks something while records flow. */
interface Experiment {
  /** Its name on the command line and in files. */
  String name();

  /** What it does, a sentence for the page. */
  String description();

  /** What the job is told about delivery: {@code exactly-once} or {@code at-least-once}. */
  default String delivery() {
    return "exactly-once";
  }

  /** How many TaskManagers the rig has, with two slots each. */
  default int taskManagers() {
    return 2;
  }

  /** Whether the JobManager keeps what it must know in ZooKeeper. */
  default boolean highAvailability() {
    return false;
  }

  /** How many seconds it takes, about; the rate of the records is set by it. */
  int seconds();

  /**
   * How many outputs may be behind a later one of their partition. After a change of parallelism
   * Flink spreads the records in flight over other subtasks.
   */
  default int outOfOrderLimit() {
    return 0;
  }

  /** Does what it is about, while records are sent, and returns when the job runs again. */
  void run(Run run) throws Exception;
}
