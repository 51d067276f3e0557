package dev.crossencoder.cli.local;

/** The names of the topics of one job. */
public record LocalTopics(String input, String output, String deadLetters) {
  /** Returns the names that begin with the name of a job. */
  public static LocalTopics of(String job) {
    return new LocalTopics(job + "-input", job + "-output", job + "-dead-letters");
  }
}
