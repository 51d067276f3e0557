package dev.crossencoder.evaluation;

/**
 * Data from which no figure can be computed. The message is one sentence or a few, with counts, and
 * says what the user can do.
 */
public final class InvalidDataException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidDataException(String message) {
    super(message);
  }

  public InvalidDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
