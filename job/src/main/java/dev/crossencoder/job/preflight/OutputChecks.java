package dev.crossencoder.job.preflight;

import dev.crossencoder.job.kafka.topic.DeadLetters;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.kafka.topic.ProducerLimits;
import dev.crossencoder.job.kafka.topic.SizeLimit;
import dev.crossencoder.job.kafka.topic.TopicSettings;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.JobOptions.OutputTimestamp;
import dev.crossencoder.job.record.FailureCodes;
import dev.crossencoder.operator.InvalidOptionException;
import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the settings of the topics for results and dead letters with the records that the job
 * writes. Settings with which dead letters would be refused cause an error. Settings that turn
 * results into dead letters cause a warning.
 */
final class OutputChecks {
  private static final Logger LOG = LoggerFactory.getLogger(OutputChecks.class);

  /** The time from the writing of a record to its arrival, measured by two clocks. */
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  private OutputChecks() {}

  /**
   * Checks the topics.
   *
   * @throws dev.crossencoder.operator.InvalidOptionException naming the key, the value and what to
   *     do
   */
  static void check(JobConfig config, OutputTopics topics) {
    checkDeadLetters(config, topics);
    checkResults(config, topics.results());
    checkBatch(topics.producer(), config.output().topic(), topics.results());
    checkBatch(topics.producer(), config.output().deadLetterTopic(), topics.deadLetters());
  }

  private static void checkDeadLetters(JobConfig config, OutputTopics topics) {
    TopicSettings topic = topics.deadLetters();
    String name = config.output().deadLetterTopic();
    if (topic.compacted()) {
      throw new InvalidOptionException(
          JobOptions.DEAD_LETTER_TOPIC,
          name,
          "The topic is compacted, so it refuses dead letters without a key, and keeps only the last one of each key. Set its %s to delete, or name another topic."
              .formatted(TopicSettings.CLEANUP_POLICY));
    }
    if (topic.mayRefuseNow(TOLERANCE.toMillis())) {
      throw new InvalidOptionException(
          JobOptions.DEAD_LETTER_TOPIC,
          name,
          "Its %s is %d and its %s is %d, so it may refuse dead letters that arrive late, or because clocks differ. Raise both to at least %d, or set its %s to LogAppendTime."
              .formatted(
                  TopicSettings.BEFORE_MAX,
                  topic.timestampBeforeMaxMillis(),
                  TopicSettings.AFTER_MAX,
                  topic.timestampAfterMaxMillis(),
                  TOLERANCE.toMillis(),
                  TopicSettings.TIMESTAMP_TYPE));
    }
    SizeLimit size = topics.deadLetterSize();
    if (size.bytes() < DeadLetters.MIN_BYTES) {
      throw new InvalidOptionException(
          JobOptions.DEAD_LETTER_TOPIC,
          name,
          "A dead letter may have at most %d bytes because of %s, but without its content it has up to %d. Raise that limit."
              .formatted(size.bytes(), size.source(), DeadLetters.MIN_BYTES));
    }
  }

  private static void checkResults(JobConfig config, TopicSettings topic) {
    boolean recordTime = config.output().timestamp() == OutputTimestamp.RECORD;
    if (topic.compacted()) {
      LOG.info(
          "Topic {} is compacted: records without a key become dead letters ({}), and {} is {}; only 'forward' deletes results there",
          config.output().topic(),
          FailureCodes.MISSING_KEY,
          JobOptions.INPUT_TOMBSTONES.key(),
          config.input().tombstones());
    }
    if (topic.brokerTime()) {
      LOG.info(
          "Topic {} has {}=LogAppendTime: results have the broker's time",
          config.output().topic(),
          TopicSettings.TIMESTAMP_TYPE);
    } else if (!recordTime && topic.mayRefuseNow(TOLERANCE.toMillis())) {
      throw new InvalidOptionException(
          JobOptions.OUTPUT_TIMESTAMP,
          config.output().timestamp(),
          "Topic %s allows %d ms behind (%s) and %d ms ahead of its broker's clock (%s), so it may refuse results that arrive late, or because clocks differ. Raise both to at least %d, or set its %s to LogAppendTime."
              .formatted(
                  config.output().topic(),
                  topic.timestampBeforeMaxMillis(),
                  TopicSettings.BEFORE_MAX,
                  topic.timestampAfterMaxMillis(),
                  TopicSettings.AFTER_MAX,
                  TOLERANCE.toMillis(),
                  TopicSettings.TIMESTAMP_TYPE));
    } else if (recordTime
        && (topic.timestampBeforeMaxMillis() < Long.MAX_VALUE
            || topic.timestampAfterMaxMillis() < Long.MAX_VALUE)) {
      LOG.info(
          "Topic {} accepts timestamps up to {} ms behind and {} ms ahead of its broker's clock: records with others become dead letters ({}), unless {} is none",
          config.output().topic(),
          topic.timestampBeforeMaxMillis(),
          topic.timestampAfterMaxMillis(),
          FailureCodes.INVALID_TIMESTAMP,
          JobOptions.OUTPUT_TIMESTAMP.key());
    }
  }

  /**
   * Checks the batch size. Kafka divides a batch that is larger than the largest message, but not a
   * batch that is larger than a log segment.
   */
  private static void checkBatch(ProducerLimits producer, String name, TopicSettings topic) {
    if (producer.batchBytes() > topic.segmentBytes()) {
      throw new IllegalArgumentException(
          "Invalid %s%s: %d. Topic %s has log segments of %d bytes (%s), and refuses larger batches: lower it to at most that size."
              .formatted(
                  JobOptions.PROPERTIES_PREFIX,
                  ProducerConfig.BATCH_SIZE_CONFIG,
                  producer.batchBytes(),
                  name,
                  topic.segmentBytes(),
                  TopicSettings.SEGMENT_BYTES));
    }
  }
}
