package dev.crossencoder.cli.score;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A file of pairs in one format. One thread reads while another one scores and writes.
 *
 * @param <R> the type of input records
 */
interface PairFile<R> {
  /**
   * Returns the next record, or null at the end. Blocks until the last line of the record is
   * available.
   *
   * @throws CommandFailedException if the rest of the file cannot be read
   */
  R read() throws IOException;

  /** Scores records, writes those that have a score, and returns the failures of the others. */
  List<Refused> score(List<R> records, OutputStream out) throws IOException;

  /**
   * Writes the content of a file that has no records, such as a header. Called once, at the end.
   *
   * @throws IOException if writing fails
   */
  void finish(OutputStream out) throws IOException;

  /**
   * A record without a score.
   *
   * @param line the number of its first line, from 1
   */
  record Refused(long line, String code, String message) {}
}
