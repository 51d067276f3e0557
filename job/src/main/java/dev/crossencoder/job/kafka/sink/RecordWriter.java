package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.KafkaRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records to a topic with their key, headers and timestamp. A record without a timestamp
 * gets the time of writing. The partition number is that of the input record if both topics have
 * the same number of partitions. Otherwise, and for partitions that the input topic got after the
 * job started, the producer chooses the partition by key.
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
    return new OriginRecord(
        outputTopic, element.partition() < commonPartitions ? element.partition() : null, element);
  }
}
