package dev.crossencoder.cli.command;

/**
 * Ends a command with exit code 1. The message is printed without a stack trace and says what the
 * user can do.
 */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailedException(String message) {
    super(message);
  }

  public CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
