package dev.crossencoder.job;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Writes records to a topic with their key, headers and timestamp. The partition is the one that
 * the record was read from if both topics have equally many; else the producer's choice, by key.
 */
final class RecordWriter implements KafkaRecordSerializationSchema<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  private final String inputTopic;
  private final String outputTopic;
  private transient Boolean samePartitions;

  RecordWriter(String inputTopic, String outputTopic) {
    this.inputTopic = inputTopic;
    this.outputTopic = outputTopic;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      KafkaRecord element, KafkaSinkContext context, Long timestamp) {
    if (samePartitions == null) {
      samePartitions =
          context.getPartitionsForTopic(inputTopic).length
              == context.getPartitionsForTopic(outputTopic).length;
    }
    return toProducerRecord(element, samePartitions ? element.partition() : null);
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
