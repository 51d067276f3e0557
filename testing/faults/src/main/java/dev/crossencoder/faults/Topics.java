package dev.crossencoder.faults;

/** The topics that a job reads and writes, with {@link #PARTITIONS} partitions each. */
record Topics(String input, String output, String deadLetters) {
  static final int PARTITIONS = 4;

  /** The topics of a job that has none but its own. */
  static Topics of(String job) {
    return new Topics(job + "-pairs", job + "-scored", job + "-scored-dead-letters");
  }
}
