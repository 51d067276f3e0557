package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.KafkaSecrets;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The limits for a record that follow from the options of the job and of its producers.
 *
 * @param optionBytes the value of {@code output.max-record-size}; null if unset
 * @param maxRequestBytes the size of the largest record before compression
 * @param bufferBytes the producer's memory, in which a record must fit before compression
 * @param batchBytes the memory that the producer allocates for a batch at least
 * @param compresses whether the producer compresses records
 */
@Internal
public record ProducerLimits(
    Integer optionBytes, int maxRequestBytes, long bufferBytes, int batchBytes, boolean compresses)
    implements Serializable {
  private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;
  private static final long DEFAULT_BUFFER_BYTES = 32L << 20;
  private static final int DEFAULT_BATCH_BYTES = 16 << 10;

  public ProducerLimits {
    if (batchBytes > bufferBytes) {
      throw new IllegalArgumentException(
          "Invalid %s%s: %d. The producer allocates this number of bytes from %s%s for each batch, and it has %d: lower the first, or raise the second."
              .formatted(
                  JobOptions.PROPERTIES_PREFIX,
                  ProducerConfig.BATCH_SIZE_CONFIG,
                  batchBytes,
                  JobOptions.PROPERTIES_PREFIX,
                  ProducerConfig.BUFFER_MEMORY_CONFIG,
                  bufferBytes));
    }
  }

  /**
   * Reads the options.
   *
   * @throws IllegalArgumentException naming the key, the value and what to do
   */
  static ProducerLimits from(JobConfig config) {
    Map<String, String> kafka = config.kafka();
    return new ProducerLimits(
        config.output().maxRecordBytes(),
        Math.toIntExact(
            bytes(
                kafka,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                DEFAULT_MAX_REQUEST_BYTES,
                Integer.MAX_VALUE)),
        bytes(kafka, ProducerConfig.BUFFER_MEMORY_CONFIG, DEFAULT_BUFFER_BYTES, Long.MAX_VALUE),
        Math.toIntExact(
            bytes(kafka, ProducerConfig.BATCH_SIZE_CONFIG, DEFAULT_BATCH_BYTES, Integer.MAX_VALUE)),
        !kafka.getOrDefault(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none").equals("none"));
  }

  private static long bytes(Map<String, String> kafka, String key, long otherwise, long most) {
    String value = kafka.get(key);
    if (value == null) {
      return otherwise;
    }
    String trimmed = value.trim();
    if (trimmed.matches("[0-9]{1,18}") && Long.parseLong(trimmed) <= most) {
      return Long.parseLong(trimmed);
    }
    throw new IllegalArgumentException(
        "Invalid %s%s: %s. It must be a number of bytes."
            .formatted(JobOptions.PROPERTIES_PREFIX, key, KafkaSecrets.HIDDEN));
  }
}
