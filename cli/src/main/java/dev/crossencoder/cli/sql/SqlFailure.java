package dev.crossencoder.cli.sql;

import java.util.regex.Pattern;

/** Finds the sentence that tells why a statement has failed. */
final class SqlFailure {
  /** Flink writes the class of an exception of a task before its message. */
  private static final Pattern CLASS_NAME =
      Pattern.compile("^(?:[a-z][a-zA-Z0-9_]*\\.)+[A-Z][A-Za-z0-9_$]*(?:Exception|Error): ");

  private SqlFailure() {}

  /** Returns the first line of the message of the innermost cause that has one. */
  static String reason(Throwable failure) {
    String reason = failure.getClass().getSimpleName();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
        reason = cause.getMessage();
      }
    }
    String line = reason.strip().lines().findFirst().orElse(reason);
    return CLASS_NAME.matcher(line).replaceFirst("");
  }
}
