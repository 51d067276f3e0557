package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Converts consumer records to {@link KafkaRecord}s without parsing them, so this step cannot fail.
 */
final class RecordReader implements KafkaRecordDeserializationSchema<KafkaRecord> {
  private static final long serialVersionUID = 1L;

  /** Returns the models that score the records that are read now. Not used after serialization. */
  private final transient Supplier<String> models;

  /** Creates a reader that gives each record the models of the moment. */
  RecordReader(Supplier<String> models) {
    this.models = models;
  }

  /** Creates a reader whose records are scored by the models of the options. */
  static RecordReader untagged() {
    return new RecordReader(null);
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> source, Collector<KafkaRecord> out) {
    List<KafkaHeader> headers = new ArrayList<>();
    for (Header header : source.headers()) {
      headers.add(new KafkaHeader(header.key(), header.value()));
    }
    out.collect(
        new KafkaRecord(
            source.topic(),
            source.partition(),
            source.offset(),
            source.timestamp(),
            source.key(),
            source.value(),
            headers,
            models == null ? null : models.get()));
  }

  @Override
  public TypeInformation<KafkaRecord> getProducedType() {
    return TypeInformation.of(KafkaRecord.class);
  }
}
