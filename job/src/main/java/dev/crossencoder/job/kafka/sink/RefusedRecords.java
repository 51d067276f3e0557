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
 * The first record of a sink that the brokers, or the producer itself, refused for what it is. The
 * producer tells its callbacks of the records before it in the batch first, for which there is no
 * reason but their neighbour.
 *
 * <p>Producers' threads write it, the task thread reads it.
 */
final class RefusedRecords implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Under this key the producers' configuration has the object to report to. */
  static final String CONFIG_KEY = "cross-encoder.refused-records";

  private final boolean ofDeadLetters;
  private Refusal first;

  private RefusedRecords(boolean ofDeadLetters) {
    this.ofDeadLetters = ofDeadLetters;
  }

  /** For the topic of results. */
  static RefusedRecords ofResults() {
    return new RefusedRecords(false);
  }

  /** For the topic of dead letters. */
  static RefusedRecords ofDeadLetters() {
    return new RefusedRecords(true);
  }

  /**
   * A record that was refused.
   *
   * @param topic where the record was read that it comes from
   * @param partition where it was read
   * @param offset where it was read
   * @param outputTopic where it was written to
   * @param batch whether others of its batch may be the reason
   * @param reason what the broker says
   */
  record Refusal(
      String topic, int partition, long offset, String outputTopic, boolean batch, String reason)
      implements Serializable {}

  /** Returns what can be done about a refusal, as sentences. */
  String wayOut(Refusal refusal) {
    return ofDeadLetters
        ? "Every dead letter must fit there: change the topic's settings back."
        : "The topic's settings are looked at again when the job restarts, if they may be, and the record is then a dead letter; %s %d:%d makes it one unseen."
            .formatted(JobOptions.flag(JobOptions.SKIP), refusal.partition(), refusal.offset());
  }

  synchronized void add(Refusal refusal) {
    if (first == null) {
      first = refusal;
      notifyAll();
    }
  }

  /** Returns the first refusal, for which it waits so long. */
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
