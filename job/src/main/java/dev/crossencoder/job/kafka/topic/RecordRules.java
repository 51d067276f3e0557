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
 * Determines which results the output topic would refuse. These become dead letters instead of
 * ending the job.
 *
 * <p>This class compares a timestamp with the clock of this machine; a broker compares it with its
 * own clock when the record arrives. The limits are therefore reduced by {@link #MARGIN}, or by
 * half if a limit is less than twice the margin. This leaves room for clocks that differ, and for
 * the time in the producer's buffer.
 *
 * @param topicName the name in messages
 * @param topic the settings that its brokers check
 * @param size the largest record
 */
@Internal
public record RecordRules(String topicName, TopicSettings topic, SizeLimit size)
    implements Serializable {
  /** Two minutes for the producer's {@code delivery.timeout.ms} and one for clocks that differ. */
  static final Duration MARGIN = Duration.ofMinutes(3);

  /**
   * Returns the reason why the topic would refuse a record; empty if the topic would accept it.
   *
   * @param now milliseconds since the epoch by this machine's clock
   */
  public Optional<Failure> refusal(KafkaRecord record, long now) {
    if (topic.compacted() && record.key() == null) {
      return refusal(
          FailureCodes.MISSING_KEY,
          "The record has no key, and topic %s is compacted (%s): it accepts no record without a key."
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

  /**
   * Returns the reason why the topic would refuse a record of this size; empty if the topic would
   * accept it.
   */
  public Optional<Failure> oversized(long bytes) {
    return bytes > size.bytes()
        ? refusal(
            FailureCodes.OVERSIZED_RESULT,
            "With its result, the record has %d bytes, %s allows %d."
                .formatted(bytes, size.source(), size.bytes()))
        : Optional.empty();
  }

  private Optional<Failure> timestamp(
      KafkaRecord record, long distance, String direction, long limit, String setting) {
    return refusal(
        FailureCodes.INVALID_TIMESTAMP,
        "The record's timestamp %d (%s) is %d ms %s the clock, %s of topic %s allows %d. Results have the time of writing with %s none."
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
