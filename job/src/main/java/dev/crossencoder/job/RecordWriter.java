package dev.crossencoder.job;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Writes records to a topic with their key, headers and timestamp. The partition is the one that
 * the record was read from if both topics have equally many; else, and for partitions that the
 * input topic got since the job started, the producer's choice, by key.
 */
final class RecordWriter implements KafkaRecordSerializationSchema<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final String inputTopic;
  private final String outputTopic;
  private transient Integer commonPartitions;

  RecordWriter(String inputTopic, String outputTopic) {
    this.inputTopic = inputTopic;
    this.outputTopic = outputTopic;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      KafkaRecord element, KafkaSinkContext context, Long timestamp) {
    if (commonPartitions == null) {
      int partitions = context.getPartitionsForTopic(outputTopic).length;
      commonPartitions =
          context.getPartitionsForTopic(inputTopic).length == partitions ? partitions : 0;
    }
    return toProducerRecord(
        element, element.partition() < commonPartitions ? element.partition() : null);
  }

  private ProducerRecord<byte[], byte[]> toProducerRecord(KafkaRecord element, Integer partition) {
    List<Header> headers = new ArrayList<>(element.headers().size());
    for (KafkaHeader header : element.headers()) {
      headers.add(new RecordHeader(header.key(), header.value()));
    }
    return new ProducerRecord<>(
        outputTopic,
        partition,
        element.timestamp() < 0 ? null : element.timestamp(),
        element.key(),
        element.value(),
        headers);
  }
}
