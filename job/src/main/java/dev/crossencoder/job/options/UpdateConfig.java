package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.job.options.JobOptions.MissingModel;
import dev.crossencoder.job.options.JobOptions.ModelUpdate;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * The options of changes of the models while the job runs. Part of the job graph.
 *
 * @param update what changes the models
 * @param controlTopic the topic with messages that do; null unless they do
 * @param pollInterval how often the models are looked at, if they are watched
 * @param prepareTimeout the longest time in which all subtasks must be ready for another revision
 * @param missing what happens to records in flight whose revision cannot be found any more
 */
@PublicEvolving
public record UpdateConfig(
    ModelUpdate update,
    String controlTopic,
    Duration pollInterval,
    Duration prepareTimeout,
    MissingModel missing)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Duration SHORTEST_POLL = Duration.ofSeconds(1);
  private static final Duration SHORTEST_PREPARATION = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofDays(1);

  public UpdateConfig {
    if (controlTopic != null) {
      TopicNames.check(JobOptions.MODEL_CONTROL_TOPIC, controlTopic);
    }
    if (update == ModelUpdate.TOPIC && controlTopic == null) {
      throw new InvalidOptionException(
          JobOptions.MODEL_UPDATE,
          update,
          "It needs %s, the topic with the messages."
              .formatted(JobOptions.MODEL_CONTROL_TOPIC.key()));
    }
    if (update != ModelUpdate.TOPIC && controlTopic != null) {
      throw new InvalidOptionException(
          JobOptions.MODEL_CONTROL_TOPIC,
          controlTopic,
          "It is read with %s topic.".formatted(JobOptions.flag(JobOptions.MODEL_UPDATE)));
    }
    check(
        JobOptions.MODEL_POLL_INTERVAL, pollInterval, SHORTEST_POLL, "It must be from 1 s to 1 d.");
    check(
        JobOptions.MODEL_PREPARE_TIMEOUT,
        prepareTimeout,
        SHORTEST_PREPARATION,
        "It must be from 10 s to 1 d.");
  }

  private static void check(
      ConfigOption<Duration> option, Duration value, Duration shortest, String wanted) {
    if (value.compareTo(shortest) < 0 || value.compareTo(LONGEST) > 0) {
      throw new InvalidOptionException(option, value, wanted);
    }
  }

  static UpdateConfig from(Configuration config) {
    return new UpdateConfig(
        read(config, JobOptions.MODEL_UPDATE),
        read(config, JobOptions.MODEL_CONTROL_TOPIC),
        read(config, JobOptions.MODEL_POLL_INTERVAL),
        read(config, JobOptions.MODEL_PREPARE_TIMEOUT),
        read(config, JobOptions.MODEL_MISSING));
  }

  /** Whether models can change while the job runs. */
  public boolean isLive() {
    return update != ModelUpdate.NEVER;
  }
}
