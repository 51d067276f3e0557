package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.SafeClose;
import dev.crossencoder.job.kafka.sink.RefusedRecords.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.function.ThrowingRunnable;
import org.apache.kafka.common.KafkaException;

/**
 * A writer of KafkaSink whose failures name the refused record, its position in the input topic,
 * and the reason.
 *
 * <p>Owned by the task thread.
 */
final class RefusalNamingWriter
    implements PrecommittingStatefulSinkWriter<KafkaRecord, KafkaWriterState, KafkaCommittable> {
  /**
   * The longest time that the producer's thread may need from one record of a batch to the next.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final PrecommittingStatefulSinkWriter<KafkaRecord, KafkaWriterState, KafkaCommittable>
      writer;
  private final RefusedRecords refused;

  RefusalNamingWriter(
      PrecommittingStatefulSinkWriter<KafkaRecord, KafkaWriterState, KafkaCommittable> writer,
      RefusedRecords refused) {
    this.writer = writer;
    this.refused = refused;
  }

  @Override
  public void write(KafkaRecord element, Context context) throws IOException, InterruptedException {
    try {
      writer.write(element, context);
    } catch (IOException | RuntimeException e) {
      Optional<IOException> named = named(e, refused);
      if (named.isPresent()) {
        throw named.get();
      }
      throw e;
    }
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    try {
      writer.flush(endOfInput);
    } catch (IOException | RuntimeException e) {
      Optional<IOException> named = named(e, refused);
      if (named.isPresent()) {
        throw named.get();
      }
      throw e;
    }
  }

  @Override
  public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
    return writer.prepareCommit();
  }

  @Override
  public List<KafkaWriterState> snapshotState(long checkpointId) throws IOException {
    return writer.snapshotState(checkpointId);
  }

  /**
   * Closes the writer, and logs what it throws. A writer that is closed reports refused records
   * again, and an exception from the clean-up of a failed task ends its TaskManager. Nothing is
   * hidden: whatever was to be committed has been flushed before, and all else is written again
   * from the checkpoint.
   */
  @Override
  public void close() {
    SafeClose.close("the writer of a Kafka sink", writer);
  }

  /**
   * Adds the refused record to failures of actions that the writer passes to the task's mailbox.
   */
  static ThrowingRunnable<Exception> naming(
      ThrowingRunnable<? extends Exception> command, RefusedRecords refused) {
    return () -> {
      try {
        command.run();
      } catch (Exception e) {
        Optional<IOException> named = named(e, refused);
        if (named.isPresent()) {
          throw named.get();
        }
        throw e;
      }
    };
  }

  private static Optional<IOException> named(Exception failure, RefusedRecords refused)
      throws InterruptedException {
    return refused
        .first(isOfANeighbour(failure) ? PATIENCE : Duration.ZERO)
        .map(refusal -> new IOException(sentence(refusal, refused.wayOut(refusal)), failure));
  }

  private static String sentence(Refusal refusal, String wayOut) {
    return "Cannot write to topic %s, %s that was read from topic %s, partition %d, offset %d, was refused: %s %s"
        .formatted(
            refusal.outputTopic(),
            refusal.batch() ? "a batch with the record" : "the record",
            refusal.topic(),
            refusal.partition(),
            refusal.offset(),
            sentence(refusal.reason()),
            wayOut);
  }

  /**
   * Returns whether a record failed because of another record in its batch. Kafka has no exception
   * class for this; the refused record is reported a moment later.
   */
  private static boolean isOfANeighbour(Throwable failure) {
    return ExceptionUtils.findThrowable(
            failure, cause -> cause.getClass().equals(KafkaException.class))
        .isPresent();
  }

  private static String sentence(String reason) {
    return reason == null || reason.endsWith(".") ? String.valueOf(reason) : reason + ".";
  }
}
