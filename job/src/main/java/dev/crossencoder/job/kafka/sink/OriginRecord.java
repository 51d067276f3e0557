package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A producer record that contains the position of the input record from which it was made. The
 * producer keeps only the headers until the brokers have answered, so the position is in the
 * headers object.
 */
final class OriginRecord extends ProducerRecord<byte[], byte[]> {
  private final OriginHeaders headers;

  /**
   * Creates a record.
   *
   * @param partition the partition; null if the producer chooses it
   */
  OriginRecord(String topic, Integer partition, KafkaRecord element) {
    super(
        topic,
        partition,
        element.timestamp() < 0 ? null : element.timestamp(),
        element.key(),
        element.value());
    List<Header> all = new ArrayList<>(element.headers().size());
    for (KafkaHeader header : element.headers()) {
      all.add(new RecordHeader(header.key(), header.value()));
    }
    headers = new OriginHeaders(all, element.topic(), element.partition(), element.offset());
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof OriginRecord that
        && headers.equals(that.headers);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + headers.hashCode();
  }

  /**
   * The headers of the record. They also contain the position of the input record, which is not
   * sent to Kafka.
   */
  static final class OriginHeaders extends RecordHeaders {
    private final String topic;
    private final int partition;
    private final long offset;

    private OriginHeaders(Iterable<Header> headers, String topic, int partition, long offset) {
      super(headers);
      this.topic = topic;
      this.partition = partition;
      this.offset = offset;
    }

    String topic() {
      return topic;
    }

    int partition() {
      return partition;
    }

    long offset() {
      return offset;
    }
  }
}
