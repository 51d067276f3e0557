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
 * A record on its way to Kafka that knows which record of the input it comes from. The producer
 * keeps only its headers until the brokers have answered, so those know it.
 */
final class OriginRecord extends ProducerRecord<byte[], byte[]> {
  private final OriginHeaders headers;

  /**
   * Creates one.
   *
   * @param partition null to leave the choice to the producer
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

  /** The record's headers, and the position of the record that it comes from. */
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
