package dev.crossencoder.model;

/**
 * A model cannot be read or prepared at the moment: a disk or a network file system fails, or a
 * cache is full. Unlike with {@link InvalidModelException}, a retry may succeed.
 */
public class ModelUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message names the model or file and the way out. */
  public ModelUnavailableException(String message) {
    super(message);
  }

  /** The message names the model or file and the way out. */
  public ModelUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
