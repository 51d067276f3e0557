package dev.crossencoder.bundle;

/**
 * A checkpoint or bundle that cannot be used as it is: damaged, incomplete, contradictory, of an
 * unknown kind. Trying again does not help; the message names the file, what was expected and what
 * was found.
 */
public class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one whose message says what is wrong with which file. */
  public InvalidModelException(String message) {
    super(message);
  }

  /** Creates one whose message says what is wrong with which file. */
  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
