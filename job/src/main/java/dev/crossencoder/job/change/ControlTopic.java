package dev.crossencoder.job.change;

import dev.crossencoder.job.kafka.SafeClose;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The control topic: messages that ask for another revision of a model, and the job's answers. The
 * key of a message is the name of the model, and that of an answer the name behind {@value
 * #STATUS}, so that a compacted topic keeps the last of each. Thread-safe.
 */
@Internal
public final class ControlTopic implements AutoCloseable {
  static final String STATUS = "status/";

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  /** They depend on each other. */
  private static final String[] TIMEOUTS = {
    CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
    CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
    ProducerConfig.MAX_BLOCK_MS_CONFIG,
    ProducerConfig.LINGER_MS_CONFIG
  };

  private final Properties kafka;
  private final String topic;

  /** Null until the first poll. */
  private KafkaConsumer<byte[], byte[]> consumer;

  private boolean closed;

  /**
   * Creates the topic without a connection.
   *
   * @param kafka the options of Kafka's clients
   */
  public ControlTopic(Properties kafka, String topic) {
    this.kafka = kafka;
    this.topic = topic;
  }

  /**
   * Returns the records that have arrived, and waits a moment for some.
   *
   * @param positions the offset of each partition at which the first call begins; a partition that
   *     is not named is read from its beginning
   * @throws KafkaException if the brokers refuse; the next call tries again
   */
  synchronized List<ControlRecord> poll(Map<Integer, Long> positions) {
    List<ControlRecord> records = new ArrayList<>();
    if (closed) {
      return records;
    }
    try {
      if (consumer == null) {
        // Closed once before it is needed: a class that closing needs for the first time cannot be
        // loaded any more when the job has ended.
        connect(positions).close(CloseOptions.timeout(CLOSE));
        consumer = connect(positions);
      }
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
        records.add(new ControlRecord(each.partition(), each.offset(), each.key(), each.value()));
      }
      return records;
    } catch (RuntimeException e) {
      closeConsumer();
      throw e;
    }
  }

  /** Returns the options of a client that does not wait long, unless they say how long. */
  private Properties impatient() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    if (Stream.of(TIMEOUTS).noneMatch(properties::containsKey)) {
      properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "5000");
      properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "10000");
      properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "15000");
      properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
    }
    return properties;
  }

  private KafkaConsumer<byte[], byte[]> connect(Map<Integer, Long> positions) {
    Properties properties = impatient();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    KafkaConsumer<byte[], byte[]> connected =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      List<TopicPartition> partitions =
          connected.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      connected.assign(partitions);
      connected.seekToBeginning(
          partitions.stream().filter(each -> !positions.containsKey(each.partition())).toList());
      partitions.stream()
          .filter(each -> positions.containsKey(each.partition()))
          .forEach(each -> connected.seek(each, positions.get(each.partition())));
      return connected;
    } catch (RuntimeException e) {
      connected.close(CloseOptions.timeout(CLOSE));
      throw e;
    }
  }

  /** Writes a status. Waits until the brokers have it. */
  void write(ModelStatus status) throws ExecutionException, InterruptedException {
    send(STATUS + status.name(), status.json());
  }

  /**
   * Asks for a change. Waits until the brokers have the message.
   *
   * @throws ExecutionException if the brokers refuse it
   */
  public void ask(ChangeRequest request) throws ExecutionException, InterruptedException {
    send(request.name(), request.value());
  }

  private void send(String key, byte[] value) throws ExecutionException, InterruptedException {
    Properties properties = impatient();
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value)).get();
    } finally {
      SafeClose.close("a producer of the control topic", () -> producer.close(CLOSE));
    }
  }

  /** Returns the last status of each model, by its name, among what is in the topic now. */
  public synchronized Map<String, ModelStatus> statuses() {
    Map<String, ModelStatus> statuses = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> reader = connect(Map.of())) {
      Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
      while (ends.entrySet().stream()
          .anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> each : reader.poll(POLL)) {
          status(each.key(), each.value()).ifPresent(status -> statuses.put(status.name(), status));
        }
      }
    }
    return statuses;
  }

  /** Returns whether a record is an answer of the job. */
  static boolean isStatus(byte[] key) {
    return key != null && new String(key, StandardCharsets.UTF_8).startsWith(STATUS);
  }

  private static Optional<ModelStatus> status(byte[] key, byte[] value) {
    if (!isStatus(key) || value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ModelStatus.parse(value));
    } catch (IllegalArgumentException e) {
      // Others may write to the topic, too.
      return Optional.empty();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    closeConsumer();
  }

  private void closeConsumer() {
    if (consumer != null) {
      KafkaConsumer<byte[], byte[]> open = consumer;
      consumer = null;
      SafeClose.close(
          "the consumer of the control topic", () -> open.close(CloseOptions.timeout(CLOSE)));
    }
  }
}
