package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.options.JobOptions;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The size of the largest record that a topic accepts, as {@link RecordSize} computes it.
 *
 * @param bytes the size
 * @param source the origin of the limit, as a part of a sentence
 */
@Internal
public record SizeLimit(int bytes, String source) implements Serializable {
  /** The part of a request that is not records, with a reserve. */
  private static final int REQUEST_OVERHEAD = 4 << 10;

  /**
   * Finds the smallest limit of a topic. {@code batch.size} is not a limit, because a larger record
   * gets a batch of its own.
   *
   * @param maxRequestBytes the largest request that brokers accept
   */
  static SizeLimit of(
      ProducerLimits producer, String topicName, TopicSettings topic, int maxRequestBytes) {
    boolean compressed = producer.compresses() || topic.recompresses();
    SizeLimit least =
        new SizeLimit(
            producer.maxRequestBytes(),
            JobOptions.PROPERTIES_PREFIX + ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
    List<SizeLimit> others =
        List.of(
            new SizeLimit(
                (int) Math.min(Integer.MAX_VALUE, producer.bufferBytes()),
                JobOptions.PROPERTIES_PREFIX + ProducerConfig.BUFFER_MEMORY_CONFIG),
            new SizeLimit(
                compressible(topic.maxMessageBytes(), compressed),
                TopicSettings.MAX_MESSAGE_BYTES + " of topic " + topicName),
            new SizeLimit(
                compressible(topic.segmentBytes(), compressed),
                TopicSettings.SEGMENT_BYTES + " of topic " + topicName),
            new SizeLimit(
                compressible(Math.max(0, maxRequestBytes - REQUEST_OVERHEAD), compressed),
                "the brokers' socket.request.max.bytes"));
    if (producer.optionBytes() != null && producer.optionBytes() < least.bytes()) {
      least = new SizeLimit(producer.optionBytes(), JobOptions.OUTPUT_MAX_RECORD_SIZE.key());
    }
    for (SizeLimit other : others) {
      if (other.bytes() < least.bytes()) {
        least = other;
      }
    }
    return least;
  }

  /**
   * Returns the limit before compression. Brokers measure compressed records. Data that cannot be
   * compressed grows by less than a hundredth with each of Kafka's codecs, and by some bytes.
   */
  private static int compressible(int bytes, boolean compressed) {
    return compressed && bytes < Integer.MAX_VALUE ? Math.max(0, bytes - bytes / 100 - 100) : bytes;
  }
}
