package dev.crossencoder.cli.demo;

import dev.crossencoder.cli.command.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The Kafka clients of the demo: a producer of the input, and a consumer of results and dead
 * letters.
 */
final class DemoTopics {
  static final String INPUT = "pairs";
  static final String OUTPUT = "scored";
  static final String DEAD_LETTERS = "scored-dead-letters";

  private final String bootstrapServers;

  DemoTopics(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /** Sends all records and waits until the broker has acknowledged them. */
  void produce(List<DemoRecord> records) throws InterruptedException {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (DemoRecord record : records) {
        byte[] key = record.id().getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(INPUT, key, record.value())));
      }
      for (Future<RecordMetadata> acknowledged : sent) {
        acknowledged.get();
      }
    } catch (ExecutionException e) {
      throw new CommandFailedException(
          "Cannot send the demo's records to Kafka: " + e.getCause(), e);
    }
  }

  /** Returns a consumer of both output topics with isolation level {@code read_committed}. */
  Consumer<byte[], byte[]> results() {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, "demo-reader");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of(OUTPUT, DEAD_LETTERS));
    return consumer;
  }

  /** Returns whether a consumer has read all committed records. */
  static boolean isAtEnd(Consumer<byte[], byte[]> reader) {
    return reader.endOffsets(reader.assignment()).entrySet().stream()
        .allMatch(end -> reader.position(end.getKey()) >= end.getValue());
  }

  /**
   * Returns the number of records that the job has read, according to its committed offsets.
   * Offsets are committed after a checkpoint; therefore this waits until the expected number is
   * reached.
   */
  long recordsRead(String group, long expected, Duration patience)
      throws IOException, InterruptedException {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    long end = System.nanoTime() + patience.toNanos();
    try (Admin admin = Admin.create(properties)) {
      long read;
      do {
        Collection<OffsetAndMetadata> offsets =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values();
        read = offsets.stream().mapToLong(OffsetAndMetadata::offset).sum();
        if (read < expected) {
          Thread.sleep(100);
        }
      } while (read < expected && System.nanoTime() < end);
      return read;
    } catch (ExecutionException e) {
      throw new IOException("Cannot read the job's offsets", e);
    }
  }
}
