package dev.crossencoder.model;

/**
 * There is no model of the given name or path. Unlike with {@link InvalidModelException}, a retry
 * may succeed: the volume may not be mounted yet, or the folder may still be copied.
 */
public class ModelNotFoundException extends ModelUnavailableException {
  private static final long serialVersionUID = 1L;

  /** The message names the model and the allowed kinds of names. */
  public ModelNotFoundException(String message) {
    super(message);
  }
}
