package dev.crossencoder.operator.change;

import dev.crossencoder.model.Precision;
import java.io.Serializable;
import org.apache.flink.annotation.Internal;

/**
 * A model as the options name it.
 *
 * @param model the model
 * @param digest the digest that its bundle must have; null for any
 * @param precision the precision; null for the model's own
 */
@Internal
public record WatchedModel(String model, String digest, Precision precision)
    implements Serializable {
  private static final long serialVersionUID = 1L;
}
