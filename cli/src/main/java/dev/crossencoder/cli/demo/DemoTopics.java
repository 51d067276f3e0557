package dev.crossencoder.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The topics of the demo, and the Kafka clients that read its results, dead letters and offsets.
 */
final class DemoTopics {
  static final String INPUT = "pairs";
  static final String OUTPUT = "scored";
  static final String DEAD_LETTERS = "scored-dead-letters";

  private final String bootstrapServers;

  DemoTopics(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
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
