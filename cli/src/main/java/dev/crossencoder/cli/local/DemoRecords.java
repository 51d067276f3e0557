package dev.crossencoder.cli.local;

import dev.crossencoder.cli.command.CommandFailedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends the records of the demo to Kafka. */
public final class DemoRecords {
  private DemoRecords() {}

  /** Sends all records to a topic and waits until the broker has acknowledged them. */
  public static void send(String bootstrapServers, String topic, List<DemoRecord> records)
      throws InterruptedException {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (DemoRecord record : records) {
        byte[] key = record.id().getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(topic, key, record.value())));
      }
      for (Future<RecordMetadata> acknowledged : sent) {
        acknowledged.get();
      }
    } catch (ExecutionException e) {
      throw new CommandFailedException(
          "Cannot send the demo's records to Kafka: " + e.getCause(), e);
    }
  }
}
