package dev.crossencoder.stock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The topics of a broker.
 *
 * @param bootstrapServers the addresses of the broker
 */
record Topics(String bootstrapServers) {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Makes the record of a number for a topic with some partitions. */
  @FunctionalInterface
  interface Records {
    ProducerRecord<byte[], byte[]> record(int number, int partitions) throws Exception;
  }

  /** Receives committed records. */
  interface Reader {
    /** Receives a record; those of a partition in the order of their offsets. */
    void add(ConsumerRecord<byte[], byte[]> output) throws Exception;

    /** Returns whether enough records were received. */
    boolean hasEnough();
  }

  /**
   * Sends the records of a range of numbers, and waits until the broker has them.
   *
   * @param from the first number
   * @param to the number after the last one
   */
  void send(String topic, int from, int to, Records records) throws Exception {
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      int partitions = producer.partitionsFor(topic).size();
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int number = from; number < to; number++) {
        sent.add(producer.send(records.record(number, partitions)));
      }
      producer.flush();
      awaitAll(sent);
    }
  }

  private static void awaitAll(List<Future<RecordMetadata>> sent)
      throws ExecutionException, InterruptedException {
    for (Future<RecordMetadata> answer : sent) {
      answer.get();
    }
  }

  /**
   * Reads committed records from the beginning until the reader has enough.
   *
   * @param toTheEnd whether to read on until all committed records are read
   * @return false if the time has passed before
   */
  boolean read(List<String> topics, Duration patience, boolean toTheEnd, Reader reader)
      throws Exception {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + patience.toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> output : consumer.poll(POLL)) {
          reader.add(output);
        }
        if (reader.hasEnough() && (!toTheEnd || isAtEnd(consumer, partitions))) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean isAtEnd(
      Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(partition -> consumer.position(partition) >= ends.get(partition));
  }
}
