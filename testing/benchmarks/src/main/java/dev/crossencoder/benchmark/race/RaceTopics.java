package dev.crossencoder.benchmark.race;

/** The topics of one job. */
record RaceTopics(String name) {
  String input() {
    return name + "-pairs";
  }

  String output() {
    return name + "-scored";
  }

  String deadLetters() {
    return output() + "-dead-letters";
  }
}
