package dev.crossencoder.job.change;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.UpdateConfig;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.ModelOptions;
import dev.crossencoder.operator.change.WatchedModel;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The options from which the changes of a job's models follow. Part of the job graph.
 *
 * @param job the name of the job
 * @param updates the options of changes
 * @param models the models that the options name, by their names
 */
@Internal
public record LiveConfig(String job, UpdateConfig updates, Map<String, WatchedModel> models)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public LiveConfig {
    models = Map.copyOf(models);
  }

  /** Returns the options; null if the job does not change its models. */
  public static LiveConfig of(JobConfig config) {
    return config.updates().isLive()
        ? new LiveConfig(config.jobName(), config.updates(), models(config.operator()))
        : null;
  }

  private static Map<String, WatchedModel> models(ReadableConfig options) {
    return ModelOptions.map(
        ModelOptions.split(options),
        (name, each) ->
            new WatchedModel(
                read(each, CrossEncoderFunctionOptions.MODEL),
                read(each, CrossEncoderFunctionOptions.MODEL_DIGEST),
                read(each, CrossEncoderFunctionOptions.PRECISION).precision()));
  }
}
