package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;

/** Counts the lines of a file that have the same problem. Owned by one thread. */
final class Problems {
  private final String sentence;
  private final String wayOut;
  private int count;
  private String first;

  /**
   * Creates a counter.
   *
   * @param sentence what is wrong, with {@code %,d} for the number of lines, after "Cannot read
   *     FILE, "
   * @param wayOut what the user can do
   */
  Problems(String sentence, String wayOut) {
    this.sentence = sentence;
    this.wayOut = wayOut;
  }

  void add(String where) {
    count++;
    first = first == null ? where : first;
  }

  /**
   * Ends the reading of a file.
   *
   * @throws InvalidDataException if there was a problem
   */
  void throwIfAny(TextFile file) {
    if (count > 0) {
      throw new InvalidDataException(
          "Cannot read %s, %s; the first is %s. %s"
              .formatted(file.path(), sentence.formatted(count), first, wayOut));
    }
  }
}
