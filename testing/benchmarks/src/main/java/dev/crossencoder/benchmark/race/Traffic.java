package dev.crossencoder.benchmark.race;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends records to a job and reads what comes back. A record carries its id and the time at which
 * it was to be sent, in microseconds since the epoch. Records are sent by the calling thread and
 * read by another one.
 */
final class Traffic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int FIRST_WINDOW = 512;
  private static final int FETCH_BYTES = 1 << 18;
  private static final int FETCH_MILLIS = 200;
  private static final JsonFactory JSON = new JsonFactory();

  private final RaceTopics topics;
  private final byte[][] members;
  private final Producer<byte[], byte[]> producer;
  private final Thread reader;
  private final long startNanos = System.nanoTime();
  private final long startMicros;

  private long[] intendedMicros = new long[1024];
  private long[] appendedMillis = new long[1024];
  private float[] scores = new float[1024];
  private int[] outputs = new int[1024];
  private int sent;
  private int answered;
  private volatile Throwable failure;
  private volatile boolean closed;

  /**
   * Opens the clients.
   *
   * @param pairs are sent in turn
   * @param committed whether only committed outputs are read
   */
  Traffic(String bootstrapServers, RaceTopics topics, List<TextPair> pairs, boolean committed)
      throws IOException {
    this.topics = topics;
    this.startMicros = System.currentTimeMillis() * 1000;
    this.members = new byte[pairs.size()][];
    JsonMapper mapper = new JsonMapper();
    for (int i = 0; i < members.length; i++) {
      String query = mapper.writeValueAsString(pairs.get(i).text());
      String passage = mapper.writeValueAsString(pairs.get(i).textPair());
      members[i] =
          ",\"query\":%s,\"passage\":%s}"
              .formatted(query, passage)
              .getBytes(StandardCharsets.UTF_8);
    }
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    Map<String, Object> consumer =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            committed ? "read_committed" : "read_uncommitted",
            // Times are the broker's, so outputs may be read late: the less the broker does, the
            // more of the cores is the job's.
            "fetch.min.bytes",
            FETCH_BYTES,
            "fetch.max.wait.ms",
            FETCH_MILLIS);
    reader = new Thread(() -> read(consumer), "race-reader");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(Map<String, Object> properties) {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, Broker.PARTITIONS)
              .mapToObj(partition -> new TopicPartition(topics.output(), partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> output : consumer.poll(POLL)) {
          note(output.value(), output.timestamp());
        }
      }
    } catch (Throwable t) {
      failure = t;
    }
  }

  private void note(byte[] value, long millis) throws IOException {
    int id = -1;
    float score = Float.NaN;
    try (JsonParser parser = JSON.createParser(value)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          if (name.equals("id")) {
            id = parser.getIntValue();
          } else if (name.equals("score")) {
            score = parser.getFloatValue();
          }
        }
      }
    }
    synchronized (this) {
      if (outputs[id]++ == 0) {
        appendedMillis[id] = millis;
        scores[id] = score;
        answered++;
      }
    }
  }

  private long nowMicros() {
    return startMicros + (System.nanoTime() - startNanos) / 1000;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback gets what the future would say.
  private void send(long micros) {
    int id;
    synchronized (this) {
      id = sent++;
      if (id == outputs.length) {
        intendedMicros = Arrays.copyOf(intendedMicros, 2 * id);
        appendedMillis = Arrays.copyOf(appendedMillis, 2 * id);
        scores = Arrays.copyOf(scores, 2 * id);
        outputs = Arrays.copyOf(outputs, 2 * id);
      }
      intendedMicros[id] = micros;
    }
    byte[] start =
        "{\"id\":%d,\"intended\":%d".formatted(id, micros).getBytes(StandardCharsets.UTF_8);
    byte[] member = members[id % members.length];
    byte[] value = Arrays.copyOf(start, start.length + member.length);
    System.arraycopy(member, 0, value, start.length, member.length);
    producer.send(
        new ProducerRecord<>(topics.input(), id % Broker.PARTITIONS, null, value),
        (metadata, e) -> {
          if (e != null) {
            failure = e;
          }
        });
  }

  /** Returns the number of records without an output. */
  synchronized int outstanding() {
    return sent - answered;
  }

  private void check() {
    if (failure != null) {
      throw new IllegalStateException("Cannot send or read records of " + topics, failure);
    }
  }

  /**
   * Sends records at their times, however late the outputs are, and waits for the outputs.
   *
   * @param offsets when each is to be sent, in nanoseconds from now, ascending
   * @param limit sending ends early when so many records have no output
   * @param patience how long to wait for outputs after the last record
   */
  Sample open(long[] offsets, int limit, Duration patience) throws InterruptedException {
    int first = sent;
    long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
    long end = start;
    for (long offset : offsets) {
      long due = start + offset;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      check();
      if (outstanding() > limit) {
        break;
      }
      send(startMicros + (due - startNanos) / 1000);
      end = due;
    }
    long endMicros = startMicros + (end - startNanos) / 1000;
    awaitAll(patience);
    return sample(first, sent, endMicros);
  }

  /**
   * Keeps records waiting, so that the job is never idle, and waits for the outputs.
   *
   * @return the outputs per second in the second half of the time
   */
  double closed(Duration duration, Duration patience) throws InterruptedException {
    int first = sent;
    long begin = nowMicros();
    long end = begin + duration.toNanos() / 1000;
    int window = FIRST_WINDOW;
    long second = begin;
    int before = 0;
    while (nowMicros() < end) {
      check();
      if (nowMicros() - second > 1_000_000) {
        int now = answeredSoFar();
        window = Math.max(window, 3 * (now - before));
        before = now;
        second = nowMicros();
      }
      if (outstanding() < window) {
        send(nowMicros());
      } else {
        LockSupport.parkNanos(200_000);
      }
    }
    awaitAll(patience);
    long from = (begin + (end - begin) / 2) / 1000;
    long to = end / 1000;
    Sample sample = sample(first, sent, end);
    return 1e3 * sample.appendedBetween(from, to) / (to - from);
  }

  private synchronized int answeredSoFar() {
    return answered;
  }

  /** Sends some records, and waits until all have an output. */
  void warmUp(int records, Duration patience) throws InterruptedException {
    for (int i = 0; i < records; i++) {
      send(nowMicros());
    }
    if (!awaitAll(patience)) {
      throw new IllegalStateException(
          "Of %d records, %d have no output after %d s."
              .formatted(records, outstanding(), patience.toSeconds()));
    }
  }

  /** Waits until all records have an output. Returns whether they have. */
  boolean awaitAll(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (outstanding() > 0 && System.nanoTime() < deadline) {
      check();
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return outstanding() == 0;
  }

  private synchronized Sample sample(int from, int to, long endMicros) {
    return new Sample(
        Arrays.copyOfRange(intendedMicros, from, to),
        Arrays.copyOfRange(appendedMillis, from, to),
        endMicros);
  }

  /** Returns the last score of each pair; NaN where there is none. */
  synchronized float[] scoresByPair() {
    float[] byPair = new float[members.length];
    Arrays.fill(byPair, Float.NaN);
    for (int id = 0; id < sent; id++) {
      if (outputs[id] > 0) {
        byPair[id % byPair.length] = scores[id];
      }
    }
    return byPair;
  }

  /** Returns how often each record came back, by id. */
  synchronized List<Integer> outputs() {
    List<Integer> counts = new ArrayList<>(sent);
    for (int id = 0; id < sent; id++) {
      counts.add(outputs[id]);
    }
    return counts;
  }

  @Override
  public void close() {
    closed = true;
    producer.close(Duration.ofSeconds(2));
    try {
      reader.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
