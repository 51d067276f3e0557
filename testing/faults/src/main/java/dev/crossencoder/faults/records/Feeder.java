package dev.crossencoder.faults.records;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the records of a run in order on a separate thread, and continues after outages of the
 * broker.
 */
public final class Feeder implements AutoCloseable {
  private static final int LONGEST_OUTAGE_MILLIS = 300_000;
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

  private final Thread thread;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile int sent;
  private volatile boolean finishing;
  private volatile boolean closed;

  /**
   * The rate of sending.
   *
   * @param perSecond the maximum number of records per second
   * @param ahead the maximum number of sent records without an output
   */
  public record Pace(double perSecond, int ahead) {
    /** Returns a constant rate that does not depend on outputs. */
    public static Pace steady(double perSecond) {
      return new Pace(perSecond, Integer.MAX_VALUE);
    }

    /** Returns the rate of the job: the given number of records always waits for an output. */
    public static Pace fullLoad(int waiting) {
      return new Pace(Double.POSITIVE_INFINITY, waiting);
    }
  }

  /**
   * Starts sending.
   *
   * @param atLeast the minimum number of records, even if {@link #finish} is called earlier
   * @param outputs returns the number of records with an output
   */
  public Feeder(
      String bootstrapServers,
      String topic,
      Traffic traffic,
      int atLeast,
      Pace pace,
      IntSupplier outputs) {
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
    thread =
        new Thread(
            () -> {
              try {
                send(topic, traffic, atLeast, pace, outputs);
              } catch (Throwable t) {
                failure.compareAndSet(null, t);
              }
            },
            "feeder");
    thread.setDaemon(true);
    thread.start();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback gets what the future would say.
  private void send(String topic, Traffic traffic, int atLeast, Pace pace, IntSupplier outputs) {
    long start = System.nanoTime();
    for (int i = 0; !closed && (i < atLeast || !finishing); i++) {
      long due = start + (long) (1e9 * i / pace.perSecond());
      for (long wait = due - System.nanoTime();
          wait > 0 && !closed;
          wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      while (!closed && i - outputs.getAsInt() >= pace.ahead()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
      SentRecord record = traffic.record(i);
      producer.send(
          new ProducerRecord<>(
              topic,
              record.partition(),
              record.timestamp(),
              record.key(),
              record.value(),
              record.headers()),
          (metadata, e) -> {
            if (e != null) {
              failure.compareAndSet(null, e);
            }
          });
      sent = i + 1;
    }
    producer.flush();
  }

  /** The number of records that were passed to the producer. */
  public int sent() {
    return sent;
  }

  /**
   * Stops sending once the minimum is reached, waits until the broker has acknowledged all records,
   * and returns their number.
   *
   * @throws IllegalStateException if a record could not be sent; then the run is void
   */
  public int finish() throws InterruptedException {
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
    // Interrupts a send that waits for the broker.
    producer.close(CLOSE_DEADLINE);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
