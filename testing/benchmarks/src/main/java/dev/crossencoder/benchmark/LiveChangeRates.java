package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.checkpoint.RandomCheckpoint;
import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.change.ChangeRequest;
import dev.crossencoder.job.change.ControlTopic;
import dev.crossencoder.job.change.ModelStatus;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.BundleBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
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
 * Measures what a change of the model costs the records that arrive meanwhile: the rate of a job
 * that has a backlog, and the latency of a job at half of that rate, from when a model is asked for
 * until ten seconds after it is in use, divided by those of the seconds before. Broker and job are
 * in this JVM, with one subtask for each of two partitions; the models have the size of MiniLM-L6.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.changes} (3), {@code
 * benchmark.seconds} before each change (15). Exits with 1 if a bar does not hold.
 */
public final class LiveChangeRates {
  private static final int PARTITIONS = 2;
  private static final int SETTLED_SECONDS = 10;
  private static final double LOWEST_RATE = 0.8;
  private static final double HIGHEST_LATENCY = 3;
  private static final String INPUT = "input";
  private static final String OUTPUT = "output";
  private static final String CONTROL = "control";
  private static final JsonMapper MAPPER = new JsonMapper();

  private LiveChangeRates() {}

  /** A result: when it was to be sent, and when the broker had it, in milliseconds. */
  private record Result(long sentMillis, long writtenMillis) {}

  /** Runs the changes and prints the ratios. */
  public static void main(String[] args) throws Exception {
    int changes = Integer.getInteger("benchmark.changes", 3);
    int seconds = Integer.getInteger("benchmark.seconds", 15);
    Path folder = Files.createTempDirectory("live-change-rates-");
    boolean holds;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"))) {
      List<String> models = models(folder);
      double rate = rate(kafka, models.get(0), seconds);
      System.out.printf("%.0f records/s without a change%n", rate);
      double[] rates = new double[changes];
      double[] latencies = new double[changes];
      measure(kafka, models, changes, seconds, 3 * rate, "backlog", rates, new double[changes]);
      measure(kafka, models, changes, seconds, rate / 2, "half", new double[changes], latencies);
      holds =
          new Claim("rate during a change ÷ before", LOWEST_RATE, Double.POSITIVE_INFINITY)
              .report(rates);
      holds &=
          new Claim("p99 during a change ÷ before, at half of the rate", 0, HIGHEST_LATENCY)
              .report(latencies);
    } finally {
      FileUtils.deleteDirectoryQuietly(folder.toFile());
    }
    System.exit(holds ? 0 : 1);
  }

  private static List<String> models(Path folder) throws Exception {
    RandomCheckpoint writer =
        new RandomCheckpoint(Path.of(System.getProperty(Dl19Pairs.FOLDER_PROPERTY)));
    Path checkpoint = folder.resolve("checkpoint");
    writer.write(ModelSize.MINILM_L6, new double[] {1}, checkpoint);
    List<String> models = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      models.add(
          BundleBuilder.fromCheckpoint(checkpoint)
              .name(name)
              .build(folder.resolve(name))
              .folder()
              .toString());
    }
    return models;
  }

  private static JobClient start(EmbeddedKafka kafka, String name, String model) throws Exception {
    for (String topic : List.of(INPUT, OUTPUT)) {
      kafka.createTopic(
          name + topic, PARTITIONS, Map.of("message.timestamp.type", "LogAppendTime"));
    }
    kafka.createTopic(name + "dead", PARTITIONS);
    kafka.createTopic(name + CONTROL, 1);
    Map<String, String> options = new HashMap<>();
    options.put("job.name", name);
    options.put("bootstrap-servers", kafka.bootstrapServers());
    options.put("input.topic", name + INPUT);
    options.put("output.topic", name + OUTPUT);
    options.put("dead-letter.topic", name + "dead");
    options.put("delivery", "at-least-once");
    options.put("checkpoint.interval", "5s");
    options.put("parallelism", String.valueOf(PARTITIONS));
    options.put("cross-encoder.model", model);
    options.put("model.update", "topic");
    options.put("model.control-topic", name + CONTROL);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(PARTITIONS);
    CrossEncoderJob.build(environment, JobConfig.from(Configuration.fromMap(options)));
    return environment.executeAsync(name);
  }

  /** Returns the records per second of a job with a backlog. */
  private static double rate(EmbeddedKafka kafka, String model, int seconds) throws Exception {
    String name = "warm-up-";
    JobClient job = start(kafka, name, model);
    try (Load load = new Load(kafka, name, 2_000)) {
      awaitActive(kafka, name, model);
      TimeUnit.SECONDS.sleep(SETTLED_SECONDS);
      long from = System.currentTimeMillis();
      TimeUnit.SECONDS.sleep(seconds);
      long to = System.currentTimeMillis();
      load.stop();
      return rate(results(kafka, name), from, to);
    } finally {
      job.cancel().get();
    }
  }

  private static void measure(
      EmbeddedKafka kafka,
      List<String> models,
      int changes,
      int seconds,
      double offered,
      String name,
      double[] rates,
      double[] latencies)
      throws Exception {
    JobClient job = start(kafka, name, models.get(0));
    List<long[]> windows = new ArrayList<>();
    try (Load load = new Load(kafka, name, offered)) {
      awaitActive(kafka, name, models.get(0));
      TimeUnit.SECONDS.sleep(2L * SETTLED_SECONDS);
      for (int i = 1; i <= changes; i++) {
        long before = System.currentTimeMillis();
        TimeUnit.SECONDS.sleep(seconds);
        long asked = System.currentTimeMillis();
        String model = models.get(i % models.size());
        try (ControlTopic control = control(kafka, name)) {
          control.ask(new ChangeRequest("", model, null, null));
        }
        awaitActive(kafka, name, model);
        long active = System.currentTimeMillis();
        TimeUnit.SECONDS.sleep(SETTLED_SECONDS);
        windows.add(new long[] {before, asked, System.currentTimeMillis(), active});
        TimeUnit.SECONDS.sleep(SETTLED_SECONDS);
      }
      load.stop();
    } finally {
      job.cancel().get();
    }
    List<Result> results = results(kafka, name);
    for (int i = 0; i < changes; i++) {
      long[] window = windows.get(i);
      double rateBefore = rate(results, window[0], window[1]);
      double rateDuring = rate(results, window[1], window[2]);
      double p99Before = p99(results, window[0], window[1]);
      double p99During = p99(results, window[1], window[2]);
      rates[i] = rateDuring / rateBefore;
      latencies[i] = p99During / p99Before;
      System.out.printf(
          "%s, change %d: in use after %.1f s; %.0f and %.0f records/s, p99 %.0f and %.0f ms%n",
          name, i + 1, (window[3] - window[1]) / 1e3, rateBefore, rateDuring, p99Before, p99During);
    }
  }

  private static double rate(List<Result> results, long from, long to) {
    long count =
        results.stream()
            .filter(result -> result.writtenMillis() >= from && result.writtenMillis() < to)
            .count();
    return 1e3 * count / (to - from);
  }

  private static double p99(List<Result> results, long from, long to) {
    double[] latencies =
        results.stream()
            .filter(result -> result.sentMillis() >= from && result.sentMillis() < to)
            .mapToDouble(result -> result.writtenMillis() - result.sentMillis())
            .sorted()
            .toArray();
    // With a backlog, what was sent in a window may not be read yet.
    return latencies.length == 0 ? Double.NaN : latencies[(int) (0.99 * (latencies.length - 1))];
  }

  private static ControlTopic control(EmbeddedKafka kafka, String name) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    return new ControlTopic(properties, name + CONTROL);
  }

  private static void awaitActive(EmbeddedKafka kafka, String name, String model)
      throws InterruptedException {
    try (ControlTopic control = control(kafka, name)) {
      while (true) {
        ModelStatus status = control.statuses().get("");
        if (status != null
            && status.state() == ModelStatus.State.ACTIVE
            && status.active().model().equals(model)) {
          return;
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  private static List<Result> results(EmbeddedKafka kafka, String name) throws Exception {
    List<Result> results = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, PARTITIONS)
              .mapToObj(partition -> new TopicPartition(name + OUTPUT, partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          results.add(
              new Result(
                  Long.parseLong(new String(each.key(), StandardCharsets.UTF_8)),
                  each.timestamp()));
        }
      }
    }
    return results;
  }

  /** Sends pairs at a rate until it is stopped; the key is the time at which each is due. */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;
    private final Producer<byte[], byte[]> producer;

    Load(EmbeddedKafka kafka, String name, double perSecond) throws Exception {
      producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", kafka.bootstrapServers()),
              new ByteArraySerializer(),
              new ByteArraySerializer());
      List<byte[]> values = new ArrayList<>();
      for (TextPair pair : Dl19Pairs.read()) {
        values.add(
            MAPPER.writeValueAsBytes(Map.of("query", pair.text(), "passage", pair.textPair())));
      }
      thread = new Thread(() -> send(name + INPUT, values, perSecond), "load");
      thread.start();
    }

    private void send(String topic, List<byte[]> values, double perSecond) {
      long start = System.nanoTime();
      long startMillis = System.currentTimeMillis();
      for (int i = 0; !stopped.get(); i++) {
        long due = (long) (1e9 * i / perSecond);
        while (!stopped.get() && System.nanoTime() - start < due) {
          LockSupport.parkNanos(due - (System.nanoTime() - start));
        }
        String key = String.valueOf(startMillis + due / 1_000_000);
        var unused =
            producer.send(
                new ProducerRecord<>(
                    topic,
                    i % PARTITIONS,
                    key.getBytes(StandardCharsets.UTF_8),
                    values.get(i % values.size())));
      }
    }

    void stop() throws InterruptedException {
      stopped.set(true);
      thread.join();
    }

    @Override
    public void close() {
      stopped.set(true);
      producer.close();
    }
  }
}
