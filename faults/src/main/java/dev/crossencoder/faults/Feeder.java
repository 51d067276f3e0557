package dev.crossencoder.faults;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the records of a run at a steady rate from a thread of its own, in order, and through
 * outages of the broker.
 */
final class Feeder implements AutoCloseable {
  private static final int LONGEST_OUTAGE_MILLIS = 300_000;

  private final Thread thread;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private volatile int sent;
  private volatile boolean finishing;
  private volatile boolean closed;

  /**
   * Starts to send.
   *
   * @param atLeast how many records, however early {@link #finish} is called
   * @param perSecond how many in a second
   */
  Feeder(String bootstrapServers, String topic, Traffic traffic, int atLeast, double perSecond) {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "acks",
            "all",
            "linger.ms",
            5,
            "delivery.timeout.ms",
            LONGEST_OUTAGE_MILLIS,
            "max.block.ms",
            LONGEST_OUTAGE_MILLIS);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    thread = new Thread(() -> send(topic, traffic, atLeast, perSecond), "feeder");
    thread.setDaemon(true);
    thread.start();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback gets what the future would say.
  private void send(String topic, Traffic traffic, int atLeast, double perSecond) {
    long start = System.nanoTime();
    for (int i = 0; !closed && (i < atLeast || !finishing); i++) {
      long due = start + (long) (1e9 * i / perSecond);
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      SentRecord record = traffic.record(i);
      ProducerRecord<byte[], byte[]> message =
          new ProducerRecord<>(
              topic, record.partition(), record.timestamp(), record.key(), record.value());
      message.headers().add(Traffic.NUMBER, Traffic.bytes(String.valueOf(i)));
      producer.send(
          message,
          (metadata, e) -> {
            if (e != null) {
              failure.compareAndSet(null, e);
            }
          });
      sent = i + 1;
    }
    producer.flush();
  }

  /** How many records were handed to the producer. */
  int sent() {
    return sent;
  }

  /**
   * Sends no more records than it must, waits until the broker has all, and returns how many.
   *
   * @throws IllegalStateException if it did not take one of them: the run says nothing then
   */
  int finish() throws InterruptedException {
    finishing = true;
    thread.join();
    if (failure.get() != null) {
      throw new IllegalStateException("Cannot send a record of the run", failure.get());
    }
    return sent;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
  }
}
