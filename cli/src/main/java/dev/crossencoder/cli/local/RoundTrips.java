package dev.crossencoder.cli.local;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends records to a job and waits for what comes back of each, which the key identifies. The
 * topics have one partition and the broker's timestamps. Thread-safe; one thread of its own reads
 * the results.
 */
public final class RoundTrips implements AutoCloseable {
  private static final String REASON = "cross-encoder.reason";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CLOSE = Duration.ofSeconds(10);

  private final String input;
  private final String deadLetters;
  private final Duration patience;
  private final Producer<byte[], byte[]> producer;
  private final Consumer<byte[], byte[]> consumer;
  private final Thread reader;
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
  private volatile Throwable failure;
  private volatile boolean closed;

  /** A record on its way. */
  private static final class Waiting {
    private final long sentNanos = System.nanoTime();
    private final CompletableFuture<Acknowledged> acknowledged = new CompletableFuture<>();
    private final CompletableFuture<Returned> returned = new CompletableFuture<>();
  }

  private record Acknowledged(long appendMillis, double sendMillis) {}

  private record Returned(ConsumerRecord<byte[], byte[]> result, long readMillis) {}

  private RoundTrips(
      String input,
      String deadLetters,
      Duration patience,
      Producer<byte[], byte[]> producer,
      Consumer<byte[], byte[]> consumer) {
    this.input = input;
    this.deadLetters = deadLetters;
    this.patience = patience;
    this.producer = producer;
    this.consumer = consumer;
    this.reader = new Thread(this::read, "round-trips-reader");
    reader.setDaemon(true);
  }

  /** Creates the topics of a job, of which this reads the results. */
  public static RoundTrips start(EmbeddedKafka kafka, LocalTopics topics, Duration patience) {
    for (String topic : List.of(topics.input(), topics.output(), topics.deadLetters())) {
      kafka.createTopic(topic, 1, Map.of("message.timestamp.type", "LogAppendTime"));
    }
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    Consumer<byte[], byte[]> consumer = consumer(kafka.bootstrapServers());
    List<TopicPartition> partitions =
        List.of(
            new TopicPartition(topics.output(), 0), new TopicPartition(topics.deadLetters(), 0));
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    RoundTrips trips =
        new RoundTrips(topics.input(), topics.deadLetters(), patience, producer, consumer);
    trips.reader.start();
    return trips;
  }

  private static Consumer<byte[], byte[]> consumer(String bootstrapServers) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Sends a record.
   *
   * @return completes with a {@link java.util.concurrent.TimeoutException} if nothing has come back
   *     in time, or with the error that the record could not be sent or results not be read
   */
  public CompletableFuture<RoundTrip> send(byte[] value) {
    String id = UUID.randomUUID().toString();
    Waiting record = new Waiting();
    waiting.put(id, record);
    CompletableFuture<RoundTrip> trip =
        record
            .acknowledged
            .thenCombine(record.returned, this::trip)
            .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((done, error) -> waiting.remove(id));
    // The callback has the outcome.
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(input, id.getBytes(StandardCharsets.UTF_8), value),
            (metadata, error) -> acknowledge(record, metadata, error));
    if (failure != null) {
      record.returned.completeExceptionally(failure);
    }
    return trip;
  }

  private static void acknowledge(Waiting record, RecordMetadata metadata, Exception error) {
    if (error != null) {
      record.returned.completeExceptionally(error);
      record.acknowledged.completeExceptionally(error);
    } else {
      double millis = (System.nanoTime() - record.sentNanos) / 1e6;
      record.acknowledged.complete(new Acknowledged(metadata.timestamp(), millis));
    }
  }

  private RoundTrip trip(Acknowledged acknowledged, Returned returned) {
    ConsumerRecord<byte[], byte[]> result = returned.result();
    String reason = null;
    if (result.topic().equals(deadLetters)) {
      Header header = result.headers().lastHeader(REASON);
      reason =
          header == null ? "no reason given" : new String(header.value(), StandardCharsets.UTF_8);
    }
    return new RoundTrip(
        result.value(),
        reason,
        acknowledged.sendMillis(),
        Math.max(0, result.timestamp() - acknowledged.appendMillis()),
        Math.max(0, returned.readMillis() - result.timestamp()));
  }

  private void read() {
    try {
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> result : consumer.poll(POLL)) {
          Waiting record =
              result.key() == null
                  ? null
                  : waiting.get(new String(result.key(), StandardCharsets.UTF_8));
          if (record != null) {
            record.returned.complete(new Returned(result, System.currentTimeMillis()));
          }
        }
      }
    } catch (WakeupException e) {
      // From close().
    } catch (Throwable t) {
      // Also for Errors: whoever waits would wait until the timeout.
      fail(t);
    } finally {
      consumer.close();
      if (failure == null) {
        fail(new IllegalStateException("The demo has ended."));
      }
    }
  }

  private void fail(Throwable cause) {
    failure = cause;
    waiting.values().forEach(record -> record.returned.completeExceptionally(cause));
  }

  /** Stops reading. Records on their way complete exceptionally. */
  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      reader.join(CLOSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(CLOSE);
  }
}
