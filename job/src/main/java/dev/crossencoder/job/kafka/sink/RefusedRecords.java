package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.options.JobOptions;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.header.Headers;

/**
 * The first record of a sink that the brokers, or the producer itself, refused because of its
 * content or size. For the other records of its batch, the producer calls the callbacks first, with
 * an exception that names no reason of their own.
 *
 * <p>Producers' threads write it, the task thread reads it.
 */
final class RefusedRecords implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The key in the producers' configuration whose value is this object. */
  static final String CONFIG_KEY = "cross-encoder.refused-records";

  private final boolean ofDeadLetters;
  private Refusal first;

  private RefusedRecords(boolean ofDeadLetters) {
    this.ofDeadLetters = ofDeadLetters;
  }

  /** Creates the object for the topic of results. */
  static RefusedRecords ofResults() {
    return new RefusedRecords(false);
  }

  /** Creates the object for the topic of dead letters. */
  static RefusedRecords ofDeadLetters() {
    return new RefusedRecords(true);
  }

  /**
   * A refused record.
   *
   * @param topic the topic of the input record
   * @param partition the partition of the input record
   * @param offset the offset of the input record
   * @param outputTopic the topic to which it was written
   * @param batch whether another record of its batch may be the reason
   * @param reason the message of the broker
   */
  record Refusal(
      String topic, int partition, long offset, String outputTopic, boolean batch, String reason)
      implements Serializable {}

  /** Returns what the user can do about a refusal, in sentences. */
  String wayOut(Refusal refusal) {
    return ofDeadLetters
        ? "That topic must accept every dead letter: change its settings back."
        : "When the job restarts, it reads the topic's settings again, if it has the permission, and the record becomes a dead letter; %s %d:%d makes it a dead letter without scoring it."
            .formatted(JobOptions.flag(JobOptions.SKIP), refusal.partition(), refusal.offset());
  }

  synchronized void add(Refusal refusal) {
    if (first == null) {
      first = refusal;
      notifyAll();
    }
  }

  /** Returns the first refusal. Waits for it at most for the given time. */
  synchronized Optional<Refusal> first(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (first == null) {
      long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (millis <= 0) {
        break;
      }
      wait(millis);
    }
    return Optional.ofNullable(first);
  }

  /** Kafka's producer creates one by its name. */
  public static final class Interceptor implements ProducerInterceptor<byte[], byte[]> {
    private RefusedRecords refused;

    @Override
    public void configure(Map<String, ?> configs) {
      refused = (RefusedRecords) configs.get(CONFIG_KEY);
    }

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
      return record;
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception exception, Headers headers) {
      if (refused != null
          && headers instanceof OriginRecord.OriginHeaders origin
          && (isForTheRecord(exception) || isForTheBatch(exception))) {
        refused.add(
            new Refusal(
                origin.topic(),
                origin.partition(),
                origin.offset(),
                metadata == null ? "?" : metadata.topic(),
                isForTheBatch(exception),
                exception.getMessage()));
      }
    }

    @Override
    public void close() {}

    private static boolean isForTheRecord(Exception exception) {
      return exception instanceof InvalidRecordException
          || exception instanceof InvalidTimestampException
          || exception instanceof RecordTooLargeException
          || exception instanceof PolicyViolationException
          || exception instanceof UnsupportedForMessageFormatException;
    }

    private static boolean isForTheBatch(Exception exception) {
      return exception instanceof RecordBatchTooLargeException;
    }
  }
}
