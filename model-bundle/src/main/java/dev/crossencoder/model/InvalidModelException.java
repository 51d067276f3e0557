package dev.crossencoder.model;

/**
 * A checkpoint or bundle cannot be used: it is damaged, incomplete, inconsistent or of an
 * unsupported type. A retry does not help. The message names the file, what was expected and what
 * was found. A message of more than 4000 characters is cut.
 */
public class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Messages quote files, and a file must not be able to fill a log. */
  private static final int MAX_MESSAGE_LENGTH = 4000;

  /** The message names the file and says what is wrong with it. */
  public InvalidModelException(String message) {
    super(shortened(message));
  }

  /** The message names the file and says what is wrong with it. */
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
