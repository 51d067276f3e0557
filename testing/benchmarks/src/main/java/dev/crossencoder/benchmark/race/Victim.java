package dev.crossencoder.benchmark.race;

/** The process that is killed with SIGKILL. */
enum Victim {
  TASK_MANAGER("TaskManager"),
  SERVER("HTTP server"),
  PYTHON_WORKER("Python worker");

  private final String title;

  Victim(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
