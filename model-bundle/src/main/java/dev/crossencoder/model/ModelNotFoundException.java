package dev.crossencoder.model;

/**
 * Nothing stands where a model was named. Unlike {@link InvalidModelException} this may heal: a
 * volume that is not mounted yet, a folder that is still being copied.
 */
public class ModelNotFoundException extends ModelUnavailableException {
  private static final long serialVersionUID = 1L;

  /** Creates one whose message names the model and what may be given instead. */
  public ModelNotFoundException(String message) {
    super(message);
  }
}
