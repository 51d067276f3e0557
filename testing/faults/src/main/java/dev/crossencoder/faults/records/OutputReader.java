package dev.crossencoder.faults.records;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads all committed outputs of a job into a ledger, and continues after outages of the broker.
 * Reads on a separate thread; used by one other thread.
 */
public final class OutputReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Ledger ledger;
  private final List<TopicPartition> partitions;
  private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile Throwable failure;
  private volatile boolean closed;

  /** Starts reading. */
  public OutputReader(String bootstrapServers, Topics topics, Ledger ledger) {
    this.ledger = ledger;
    this.partitions = Topics.partitions(topics.output(), topics.deadLetters());
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            // With the default of 30 s, requests to a broker that has restarted fail late.
            "request.timeout.ms",
            5_000);
    thread = new Thread(() -> read(properties), "output-reader");
    thread.setDaemon(true);
    thread.start();
  }

  private void read(Map<String, Object> properties) {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        for (var output : consumer.poll(POLL)) {
          ledger.note(output);
        }
        for (TopicPartition partition : partitions) {
          positions.put(partition, consumer.position(partition));
        }
      }
    } catch (Throwable t) {
      failure = t;
    }
  }

  /**
   * Returns whether all records before these offsets are in the ledger.
   *
   * @throws IllegalStateException if reading has failed
   */
  public boolean hasRead(Map<TopicPartition, Long> ends) {
    if (failure != null) {
      throw new IllegalStateException("Cannot read the outputs", failure);
    }
    return partitions.stream()
        .allMatch(
            partition ->
                positions.getOrDefault(partition, -1L) >= ends.getOrDefault(partition, 0L));
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
