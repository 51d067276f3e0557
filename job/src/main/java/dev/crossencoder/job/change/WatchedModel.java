package dev.crossencoder.job.change;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.model.Precision;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.ModelOptions;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ReadableConfig;

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

  /** Returns the models that the operator's options name, by their names. */
  public static Map<String, WatchedModel> of(ReadableConfig options) {
    return ModelOptions.map(
        ModelOptions.split(options),
        (name, each) ->
            new WatchedModel(
                read(each, CrossEncoderFunctionOptions.MODEL),
                read(each, CrossEncoderFunctionOptions.MODEL_DIGEST),
                read(each, CrossEncoderFunctionOptions.PRECISION).precision()));
  }
}
