package dev.crossencoder.benchmark.scaling;

import java.util.List;

/**
 * How a job is spread.
 *
 * @param taskManagers the number of TaskManagers
 * @param cores the cores of each TaskManager, which is limited to them
 * @param subtasks the number of subtasks, and of slots of all TaskManagers together
 */
public record Layout(int taskManagers, int cores, int subtasks) {
  /** One slot on one core. */
  static final Layout ONE_CORE = new Layout(1, 1, 1);

  /** One slot on two cores, whose speed the plan is computed from. */
  static final Layout TWO_CORES = new Layout(1, 2, 1);

  /** The measured layouts. */
  public static final List<Layout> ALL =
      List.of(
          ONE_CORE,
          TWO_CORES,
          new Layout(1, 2, 2),
          new Layout(1, 2, 4),
          new Layout(2, 1, 2),
          new Layout(2, 1, 4));

  public Layout {
    if (subtasks % taskManagers != 0) {
      throw new IllegalArgumentException(
          "Invalid subtasks: %d. It must be a multiple of %d TaskManagers."
              .formatted(subtasks, taskManagers));
    }
  }

  int slotsPerTaskManager() {
    return subtasks / taskManagers;
  }

  int allCores() {
    return taskManagers * cores;
  }

  /** Returns whether the smallest resources for a load are measured with this layout. */
  public boolean measuresLoads() {
    return equals(ONE_CORE) || equals(TWO_CORES);
  }

  @Override
  public String toString() {
    return "%d × %d core%s, %d subtask%s"
        .formatted(taskManagers, cores, cores == 1 ? "" : "s", subtasks, subtasks == 1 ? "" : "s");
  }
}
