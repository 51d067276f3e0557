package dev.crossencoder.operator.change;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * One revision of a model.
 *
 * @param model the model: a folder, a name of the hub, or the name of an embedded model
 * @param digest the digest of its bundle; null if it is not known yet
 * @param folder the folder in which the bundle was found; null if it is not known
 */
@Internal
public record ModelRevision(String model, String digest, String folder) implements Serializable {
  private static final long serialVersionUID = 1L;

  public ModelRevision {
    requireNonNull(model, "model is null");
  }

  /** Creates a revision that is not found yet, with a digest that it must have; null for any. */
  public static ModelRevision wanted(String model, String digest) {
    return new ModelRevision(model, digest, null);
  }

  /** Returns whether this is the same model in the same place, with the same digest. */
  public boolean isSame(ModelRevision other) {
    return other != null
        && model.equals(other.model)
        && digest != null
        && digest.equals(other.digest);
  }

  @Override
  public String toString() {
    return digest == null ? model : model + " (" + digest + ")";
  }
}
