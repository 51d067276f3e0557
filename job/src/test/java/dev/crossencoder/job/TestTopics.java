package dev.crossencoder.job;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes and reads topics as other programs would, in bytes. */
public record TestTopics(String bootstrapServers) {
  /** How long a commit may take to be seen by readers; an open transaction is not waited for. */
  private static final Duration TO_BE_SEEN = Duration.ofSeconds(2);

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** Returns a record with a text as its key. */
  public static ProducerRecord<byte[], byte[]> record(String topic, String key, byte[] value) {
    return new ProducerRecord<>(topic, bytes(key), value);
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  static String value(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  /** The texts of a record's headers; of those with one name the last. */
  static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record
        .headers()
        .forEach(
            header ->
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    return headers;
  }

  /** Creates a topic, and returns when every partition of it can be used. */
  public void create(String topic, int partitions, Map<String, String> configs) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      NewTopic wanted = new NewTopic(topic, partitions, (short) 1).configs(configs);
      admin.createTopics(List.of(wanted)).all().get(30, TimeUnit.SECONDS);
      await()
          .atMost(DEADLINE)
          .ignoreExceptions()
          .until(() -> admin.listOffsets(ends).all().get(5, TimeUnit.SECONDS).size() == partitions);
    }
  }

  /** Deletes a topic, and returns when no broker knows it. */
  void delete(String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.deleteTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
      await()
          .atMost(DEADLINE)
          .until(() -> !admin.listTopics().names().get(5, TimeUnit.SECONDS).contains(topic));
    }
  }

  /** Deletes the records before an offset, as a topic's retention does. */
  void deleteRecords(String topic, int partition, long before) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  public void send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", bootstrapServers, "max.request.size", 8 << 20);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : records) {
        sent.add(producer.send(record));
      }
      for (Future<?> future : sent) {
        future.get(30, TimeUnit.SECONDS);
      }
    }
  }

  /**
   * All that a reader of committed records sees, by partition and offset. Brokers confirm a commit
   * before readers see it, so what is written now gets some time to be committed.
   */
  public List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
    Map<TopicPartition, Long> written;
    try (Consumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      written = consumer.endOffsets(partitions(consumer, topic));
    }
    try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
      long deadline = System.nanoTime() + TO_BE_SEEN.toNanos();
      while (System.nanoTime() < deadline && endsBefore(written, consumer)) {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      return readAll(consumer, topic);
    }
  }

  private static boolean endsBefore(
      Map<TopicPartition, Long> written, Consumer<byte[], byte[]> consumer) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(written.keySet());
    return written.entrySet().stream().anyMatch(end -> ends.get(end.getKey()) < end.getValue());
  }

  /** All that was written so far, by partition and offset; transactions that are open included. */
  public List<ConsumerRecord<byte[], byte[]>> written(String topic) {
    try (Consumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      return readAll(consumer, topic);
    }
  }

  /** How many committed records each key has in some topics. */
  Map<String, Integer> countsByKey(String... topics) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String topic : topics) {
      committed(topic).forEach(record -> counts.merge(key(record), 1, Integer::sum));
    }
    return counts;
  }

  /** Waits for so many committed records, and returns all that there are then. */
  List<ConsumerRecord<byte[], byte[]>> awaitCommitted(int count, String topic) {
    return await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> committed(topic), records -> records.size() >= count);
  }

  private Consumer<byte[], byte[]> consumer(String isolation) {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrapServers, "isolation.level", isolation),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** The partitions in ascending order; a client reports them in any. */
  private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(PartitionInfo::partition)
        .sorted()
        .map(partition -> new TopicPartition(topic, partition))
        .toList();
  }

  private static List<ConsumerRecord<byte[], byte[]>> readAll(
      Consumer<byte[], byte[]> consumer, String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (TopicPartition partition : partitions(consumer, topic)) {
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }
}
