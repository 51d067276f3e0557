package dev.crossencoder.job.options;

import static dev.crossencoder.operator.CrossEncoderFunctionOptions.read;

import dev.crossencoder.job.options.JobOptions.OutputTimestamp;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/**
 * The options of the output. Part of the job graph.
 *
 * @param topic the topic for results
 * @param deadLetterTopic the topic for records without a result
 * @param field the name of the member that is added to each record
 * @param overwrite whether an existing member of that name is replaced
 * @param logits whether to add the logits
 * @param returnDocuments whether results contain the texts of documents
 * @param timestamp the timestamp of results
 * @param maxRecordBytes the size of the largest record that the topics accept; null to read it from
 *     the brokers
 */
@PublicEvolving
public record OutputConfig(
    String topic,
    String deadLetterTopic,
    String field,
    boolean overwrite,
    boolean logits,
    boolean returnDocuments,
    OutputTimestamp timestamp,
    Integer maxRecordBytes)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public OutputConfig {
    TopicNames.check(JobOptions.OUTPUT_TOPIC, topic);
    TopicNames.check(JobOptions.DEAD_LETTER_TOPIC, deadLetterTopic);
    if (field.isEmpty()) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_FIELD, "(empty)", "It must be the name of a JSON member.");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(field)) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_FIELD,
          field,
          "It contains a lone surrogate, which UTF-8 cannot encode.");
    }
  }

  static OutputConfig from(Configuration config) {
    String topic = JobOptions.required(config, JobOptions.OUTPUT_TOPIC);
    String deadLetterTopic = read(config, JobOptions.DEAD_LETTER_TOPIC);
    return new OutputConfig(
        topic,
        deadLetterTopic == null ? topic + "-dead-letters" : deadLetterTopic,
        read(config, JobOptions.OUTPUT_FIELD),
        read(config, JobOptions.OUTPUT_OVERWRITE),
        read(config, JobOptions.OUTPUT_LOGITS),
        read(config, JobOptions.RETURN_DOCUMENTS),
        read(config, JobOptions.OUTPUT_TIMESTAMP),
        maxRecordBytes(config));
  }

  private static Integer maxRecordBytes(Configuration config) {
    MemorySize size = read(config, JobOptions.OUTPUT_MAX_RECORD_SIZE);
    if (size == null) {
      return null;
    }
    long bytes = size.getBytes();
    if (bytes < 1024 || bytes > Integer.MAX_VALUE) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_MAX_RECORD_SIZE, size, "It must be from 1 kb to 2 gb.");
    }
    return (int) bytes;
  }
}
