package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.operator.Failure;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * Decides which results the output topic would refuse, so that they become dead letters instead of
 * ending the job.
 *
 * <p>A timestamp is judged by this machine's clock, a broker judges it by its own when the record
 * arrives. So the limits are taken {@link #MARGIN} narrower, or by half of those that are narrower
 * than twice that: room for clocks that differ, and for the time in the producer's buffer.
 *
 * @param topicName for messages
 * @param topic what its brokers check
 * @param size the largest record
 */
@Internal
public record RecordRules(String topicName, TopicSettings topic, SizeLimit size)
    implements Serializable {
  /** Two minutes are the producer's {@code delivery.timeout.ms}; one is for the clocks. */
  static final Duration MARGIN = Duration.ofMinutes(3);

  /**
   * Returns why the topic would refuse a record, or nothing if it would take it.
   *
   * @param now milliseconds since the epoch by this machine's clock
   */
  public Optional<Failure> refusal(KafkaRecord record, long now) {
    if (topic.compacted() && record.key() == null) {
      return refusal(
          FailureCodes.MISSING_KEY,
          "The record has no key, and topic %s is compacted (%s): it takes no record without a key."
              .formatted(topicName, TopicSettings.CLEANUP_POLICY));
    }
    if (!topic.brokerTime() && record.timestamp() >= 0) {
      long ahead = record.timestamp() - now;
      if (-ahead > narrowed(topic.timestampBeforeMaxMillis())) {
        return timestamp(
            record, -ahead, "behind", topic.timestampBeforeMaxMillis(), TopicSettings.BEFORE_MAX);
      }
      if (ahead > narrowed(topic.timestampAfterMaxMillis())) {
        return timestamp(
            record, ahead, "ahead of", topic.timestampAfterMaxMillis(), TopicSettings.AFTER_MAX);
      }
    }
    return oversized(RecordSize.of(record));
  }

  /** Returns why the topic would refuse a record of that size. */
  public Optional<Failure> oversized(long bytes) {
    return bytes > size.bytes()
        ? refusal(
            FailureCodes.OVERSIZED_RESULT,
            "With its result the record has %d bytes, %s allows %d."
                .formatted(bytes, size.source(), size.bytes()))
        : Optional.empty();
  }

  private Optional<Failure> timestamp(
      KafkaRecord record, long distance, String direction, long limit, String setting) {
    return refusal(
        FailureCodes.INVALID_TIMESTAMP,
        "The record's timestamp %d (%s) is %d ms %s the clock, %s of topic %s allows %d. Results need no timestamp of their own with %s none."
            .formatted(
                record.timestamp(),
                Instant.ofEpochMilli(record.timestamp()),
                distance,
                direction,
                setting,
                topicName,
                limit,
                JobOptions.OUTPUT_TIMESTAMP.key()));
  }

  private static Optional<Failure> refusal(String code, String message) {
    return Optional.of(new Failure(code, message));
  }

  private static long narrowed(long limit) {
    return limit == Long.MAX_VALUE ? limit : limit - Math.min(MARGIN.toMillis(), limit / 2);
  }
}
