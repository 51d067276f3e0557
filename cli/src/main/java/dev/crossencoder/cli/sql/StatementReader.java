package dev.crossencoder.cli.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads SQL statements one after the other, without reading further than the line on which a
 * statement ends. Owned by one thread.
 *
 * <p>A statement ends at a semicolon that is not in quotes or comments. If the text up to it is
 * only the beginning of a statement, as in {@code EXECUTE STATEMENT SET BEGIN INSERT …; END}, it
 * goes on to the next semicolon. The last statement needs no semicolon.
 */
final class StatementReader {
  private final BufferedReader lines;
  private final Predicate<String> isComplete;
  private final StringBuilder read = new StringBuilder();
  // Outside of quotes and comments.
  private int searchFrom;
  private int nextLine = 1;
  private int line;
  private boolean ended;
  private boolean unfinished;

  /**
   * @param lines the text
   * @param isComplete whether a text, without its last semicolon, is more than the beginning of a
   *     statement
   */
  StatementReader(BufferedReader lines, Predicate<String> isComplete) {
    this.lines = lines;
    this.isComplete = isComplete;
  }

  static StatementReader of(String text, Predicate<String> isComplete) {
    return new StatementReader(new BufferedReader(new StringReader(text)), isComplete);
  }

  /** Returns the next statement without its semicolon, or nothing at the end of the text. */
  Optional<String> next() throws IOException {
    while (true) {
      int end = StatementText.semicolon(read, searchFrom);
      if (end >= 0) {
        String candidate = read.substring(0, end);
        if (StatementText.isBlank(candidate)) {
          take(end + 1);
        } else if (isComplete.test(candidate)) {
          return Optional.of(take(end + 1));
        } else {
          searchFrom = end + 1;
        }
      } else if (ended) {
        String rest = take(read.length());
        if (StatementText.isBlank(rest)) {
          return Optional.empty();
        }
        unfinished = true;
        return Optional.of(rest);
      } else {
        readLine();
      }
    }
  }

  /** Returns the number of the line, from 1, on which the last statement begins. */
  int line() {
    return line;
  }

  /** Returns whether the last statement has no semicolon at its end. */
  boolean isUnfinished() {
    return unfinished;
  }

  private void readLine() throws IOException {
    String text = lines.readLine();
    if (text == null) {
      ended = true;
    } else {
      read.append(text).append('\n');
    }
  }

  /** Removes the text up to an index, and returns it without spaces and semicolon around it. */
  private String take(int end) {
    String taken = read.substring(0, end);
    read.delete(0, end);
    searchFrom = 0;
    int start = taken.length() - taken.stripLeading().length();
    line = nextLine + newlines(taken.substring(0, start));
    nextLine += newlines(taken);
    String statement = taken.strip();
    return statement.endsWith(";") ? statement.substring(0, statement.length() - 1) : statement;
  }

  private static int newlines(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }
}
