package dev.crossencoder.cli.score;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A file of pairs in one format. Reading and scoring are done by one thread each, at the same time.
 *
 * @param <R> a record as it was read
 */
interface PairFile<R> {
  /**
   * The next record, or null at the end. May wait for input, and returns a record as soon as its
   * last line is there.
   *
   * @throws CommandFailedException if the rest of the file cannot be read
   */
  R read() throws IOException;

  /** Scores records, writes those that have a score, and returns why the others have none. */
  List<Refused> score(List<R> records, OutputStream out) throws IOException;

  /**
   * Writes what a file without records consists of; called once, at the end.
   *
   * @throws IOException if it cannot be written
   */
  void finish(OutputStream out) throws IOException;

  /**
   * A record without a score.
   *
   * @param line where it begins, from 1
   */
  record Refused(long line, String code, String message) {}
}
