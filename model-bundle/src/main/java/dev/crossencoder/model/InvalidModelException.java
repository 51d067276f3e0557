package dev.crossencoder.model;

/**
 * A checkpoint or bundle that cannot be used as it is: damaged, incomplete, contradictory, of an
 * unknown kind. Trying again does not help; the message names the file, what was expected and what
 * was found, and is cut if it would quote thousands of characters of it.
 */
public class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Files choose what is quoted of them, and must not fill a log. */
  private static final int MAX_MESSAGE_LENGTH = 4000;

  /** Creates one whose message says what is wrong with which file. */
  public InvalidModelException(String message) {
    super(shortened(message));
  }

  /** Creates one whose message says what is wrong with which file. */
  public InvalidModelException(String message, Throwable cause) {
    super(shortened(message), cause);
  }

  private static String shortened(String message) {
    return message.length() <= MAX_MESSAGE_LENGTH
        ? message
        : "%s… (%d characters more)"
            .formatted(
                message.substring(0, MAX_MESSAGE_LENGTH), message.length() - MAX_MESSAGE_LENGTH);
  }
}
