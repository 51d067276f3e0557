package dev.crossencoder.model;

/**
 * A model that cannot be had just now: a disk or network file system that fails, a full cache.
 * Unlike {@link InvalidModelException} this may heal.
 */
public class ModelUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one whose message names the model or file and what may be done. */
  public ModelUnavailableException(String message) {
    super(message);
  }

  /** Creates one whose message names the model or file and what may be done. */
  public ModelUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
