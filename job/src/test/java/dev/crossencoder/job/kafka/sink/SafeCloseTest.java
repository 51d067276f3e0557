package dev.crossencoder.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.SafeClose;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.junit.jupiter.api.Test;

/** What closing throws would end the TaskManager of a task that has failed. */
class SafeCloseTest {
  @Test
  void aWriterThatReportsARefusedRecordAgainIsClosedWithoutAnException() {
    ClosingWriter writer =
        new ClosingWriter(new IOException("One or more Kafka Producer send requests failed"));

    assertThatCode(() -> new RefusalNamingWriter(writer, RefusedRecords.ofResults()).close())
        .doesNotThrowAnyException();

    assertThat(writer.closed).isTrue();
  }

  @Test
  void anInterruptWhileClosingIsKept() {
    SafeClose.close(
        "a writer",
        () -> {
          throw new InterruptedException("stopped");
        });

    assertThat(Thread.interrupted()).isTrue();
  }

  /** Notes that it was closed, and fails then. */
  private static final class ClosingWriter
      implements PrecommittingStatefulSinkWriter<KafkaRecord, KafkaWriterState, KafkaCommittable> {
    private final IOException failure;
    private boolean closed;

    private ClosingWriter(IOException failure) {
      this.failure = failure;
    }

    @Override
    public void write(KafkaRecord element, Context context) {}

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public Collection<KafkaCommittable> prepareCommit() {
      return List.of();
    }

    @Override
    public List<KafkaWriterState> snapshotState(long checkpointId) {
      return List.of();
    }

    @Override
    public void close() throws IOException {
      closed = true;
      throw failure;
    }
  }
}
