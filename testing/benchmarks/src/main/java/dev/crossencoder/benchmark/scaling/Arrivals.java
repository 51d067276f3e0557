package dev.crossencoder.benchmark.scaling;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The times at which results were appended to a topic, committed or not: those of a transaction
 * would else appear together. Owned by one thread.
 */
final class Arrivals implements AutoCloseable {
  private final Consumer<byte[], byte[]> consumer;
  private final List<Long> millis = new ArrayList<>();

  /** Begins at the start of a topic. */
  Arrivals(String bootstrapServers, String topic, int partitions) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> all =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
  }

  /** Reads what has been appended, and waits for it at most so long. Returns the number of all. */
  int poll(Duration patience) {
    for (ConsumerRecord<byte[], byte[]> message : consumer.poll(patience)) {
      millis.add(message.timestamp());
    }
    return millis.size();
  }

  /**
   * Returns the records per second between two times. Each end is moved back to the last result
   * before it: a batch leaves a burst of results, and counts as a whole or not at all.
   */
  double rate(long fromMillis, long toMillis) {
    long[] sorted = millis.stream().mapToLong(Long::longValue).sorted().toArray();
    int first = lastUpTo(sorted, fromMillis);
    int last = lastUpTo(sorted, toMillis);
    if (first < 0 || sorted[first] == sorted[last]) {
      throw new IllegalStateException(
          "Cannot measure, there were %d results in time. Measure longer with -Dbenchmark.seconds."
              .formatted(sorted.length));
    }
    return (last - first) * 1e3 / (sorted[last] - sorted[first]);
  }

  private static int lastUpTo(long[] sorted, long time) {
    int last = sorted.length - 1;
    while (last >= 0 && sorted[last] > time) {
      last--;
    }
    return last;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
