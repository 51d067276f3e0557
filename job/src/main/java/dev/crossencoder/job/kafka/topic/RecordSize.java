package dev.crossencoder.job.kafka.topic;

import dev.crossencoder.job.KafkaRecord;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;

/** Computes the size of a record as Kafka's producers and brokers do. */
@Internal
public final class RecordSize {
  private RecordSize() {}

  /**
   * Returns what the producer compares with {@code max.request.size}: the size of a batch of this
   * record alone, uncompressed.
   */
  public static int of(KafkaRecord element) {
    Header[] headers =
        element.headers().stream()
            .map(header -> new RecordHeader(header.key(), header.value()))
            .toArray(Header[]::new);
    return AbstractRecords.estimateSizeInBytesUpperBound(
        RecordBatch.CURRENT_MAGIC_VALUE,
        CompressionType.NONE,
        element.key(),
        element.value(),
        headers);
  }
}
