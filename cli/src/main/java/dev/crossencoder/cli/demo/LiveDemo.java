package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.TextTable;
import dev.crossencoder.cli.local.DemoData;
import dev.crossencoder.cli.local.DemoRecord;
import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.cli.local.LocalJob;
import dev.crossencoder.cli.local.LocalTopics;
import dev.crossencoder.job.change.ChangeRequest;
import dev.crossencoder.job.change.ControlTopic;
import dev.crossencoder.job.change.ModelStatus;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine;

/**
 * Changes the model of a job while records arrive, and back again, and prints which model scored
 * the records of which offsets. Owned by one thread.
 */
final class LiveDemo {
  private static final String JOB_NAME = "cross-encoder-demo-live";
  private static final LocalTopics TOPICS = LocalTopics.of(JOB_NAME);
  private static final String CONTROL = JOB_NAME + "-control";
  private static final int PARTITIONS = 2;
  private static final Duration BETWEEN_RECORDS = Duration.ofMillis(25);
  private static final Duration BETWEEN_CHANGES = Duration.ofSeconds(4);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String first;
  private final String second;
  private final PrintWriter out;
  private final Speaker speaker;

  /** Tells the user what happens. */
  interface Speaker {
    void say(String format, Object... values);
  }

  /** Records of one partition, one after the other, that one model has scored. */
  private static final class Stretch {
    private final String model;
    private final String revision;
    private final long from;
    private long to;
    private int records;

    private Stretch(String model, String revision, long from) {
      this.model = model;
      this.revision = revision;
      this.from = from;
    }
  }

  /**
   * Creates a demo.
   *
   * @param model the model with which it begins; the other one is demo-rank, or demo-qa
   */
  LiveDemo(String model, PrintWriter out, Speaker speaker) {
    this.first = model;
    this.second = model.equals("demo-rank") ? "demo-qa" : "demo-rank";
    this.out = out;
    this.speaker = speaker;
  }

  /**
   * Runs the job, and ends it.
   *
   * @return the exit code: 0 if every record came back once, and no partition returned to an
   *     earlier model by itself
   */
  int run(EmbeddedKafka kafka, LocalCluster flink, int slots) throws Exception {
    for (String topic : List.of(TOPICS.input(), TOPICS.output(), TOPICS.deadLetters())) {
      kafka.createTopic(topic, PARTITIONS);
    }
    kafka.createTopic(CONTROL, 1, Map.of("cleanup.policy", "compact"));
    speaker.say("Submitting the job with the model %s …", first);
    JobClient job =
        LocalJob.submit(
            flink,
            JOB_NAME,
            kafka.bootstrapServers(),
            TOPICS,
            Map.of(
                "checkpoint.interval",
                "1s",
                "parallelism",
                String.valueOf(slots),
                "cross-encoder.model",
                first,
                "model.update",
                "topic",
                "model.control-topic",
                CONTROL));
    AtomicInteger sent = new AtomicInteger();
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
    try (ControlTopic control = new ControlTopic(properties, CONTROL);
        Producer<byte[], byte[]> producer =
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      awaitActive(control, first, job);
      speaker.say("Sending 40 records a second …");
      List<DemoRecord> pairs = DemoData.questions().pairs();
      CompletableFuture<Void> failure = new CompletableFuture<>();
      var unused =
          sender.scheduleAtFixedRate(
              () -> send(producer, pairs, sent, failure),
              0,
              BETWEEN_RECORDS.toMillis(),
              TimeUnit.MILLISECONDS);
      for (String model : List.of(second, first)) {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_CHANGES.toMillis());
        speaker.say("Asking for the model %s …", model);
        control.ask(new ChangeRequest("", model, null, null));
        speaker.say("In use: %s", awaitActive(control, model, job));
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN_CHANGES.toMillis());
      sender.shutdown();
      sender.awaitTermination(1, TimeUnit.MINUTES);
      producer.flush();
      if (failure.isCompletedExceptionally()) {
        failure.join();
      }
    } finally {
      sender.shutdownNow();
    }
    int exitCode = report(kafka.bootstrapServers(), sent.get(), job);
    job.cancel().get();
    return exitCode;
  }

  private static void send(
      Producer<byte[], byte[]> producer,
      List<DemoRecord> pairs,
      AtomicInteger sent,
      CompletableFuture<Void> failure) {
    int number = sent.getAndIncrement();
    var unused =
        producer.send(
            new ProducerRecord<>(
                TOPICS.input(),
                number % PARTITIONS,
                String.valueOf(number).getBytes(StandardCharsets.UTF_8),
                pairs.get(number % pairs.size()).value()),
            (metadata, e) -> {
              if (e != null) {
                failure.completeExceptionally(e);
              }
            });
  }

  private static String awaitActive(ControlTopic control, String model, JobClient job)
      throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      ModelStatus status = control.statuses().get("");
      if (status != null
          && status.state() == ModelStatus.State.ACTIVE
          && status.active().model().equals(model)) {
        return status.active().toString();
      }
      LocalJob.failIfEnded(job);
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
    throw new CommandFailedException(
        "The job does not use the model %s after %d s".formatted(model, PATIENCE.toSeconds()));
  }

  private int report(String bootstrapServers, int sent, JobClient job)
      throws IOException, ExecutionException, InterruptedException {
    Map<Integer, List<Stretch>> stretches = new TreeMap<>();
    Set<String> keys = new HashSet<>();
    int results = 0;
    try (Consumer<byte[], byte[]> consumer = consumer(bootstrapServers)) {
      long last = System.nanoTime();
      while (results < sent && System.nanoTime() - last < PATIENCE.toNanos()) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          last = System.nanoTime();
          results++;
          keys.add(new String(each.key(), StandardCharsets.UTF_8));
          add(stretches.computeIfAbsent(each.partition(), unused -> new ArrayList<>()), each);
        }
        LocalJob.failIfEnded(job);
      }
    }
    out.print(TextTable.of(table(stretches)));
    boolean inOrder = stretches.values().stream().allMatch(this::isInOrder);
    ObjectNode summary = MAPPER.createObjectNode();
    summary.put("scenario", Scenario.LIVE.key());
    summary.put("sent", sent);
    summary.put("scored", results);
    summary.put("lost", sent - keys.size());
    summary.put("duplicated", results - keys.size());
    summary.put("changes_between_two_records", inOrder);
    out.println(MAPPER.writeValueAsString(summary));
    out.flush();
    return keys.size() == sent && results == sent && inOrder
        ? CommandLine.ExitCode.OK
        : ExitCodes.FAILURE;
  }

  /** Returns whether a partition has the three stretches of the two changes. */
  private boolean isInOrder(List<Stretch> ofPartition) {
    return ofPartition.stream()
        .map(stretch -> stretch.model)
        .toList()
        .equals(List.of(first, second, first));
  }

  private static void add(List<Stretch> ofPartition, ConsumerRecord<byte[], byte[]> result)
      throws IOException {
    JsonNode member = MAPPER.readTree(result.value()).path("cross_encoder");
    String revision = member.path("revision").asText();
    if (ofPartition.isEmpty()
        || !ofPartition.get(ofPartition.size() - 1).revision.equals(revision)) {
      ofPartition.add(new Stretch(member.path("model").asText(), revision, result.offset()));
    }
    Stretch stretch = ofPartition.get(ofPartition.size() - 1);
    stretch.to = result.offset();
    stretch.records++;
  }

  private static List<List<String>> table(Map<Integer, List<Stretch>> stretches) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("partition", "from offset", "to offset", "records", "model", "revision"));
    stretches.forEach(
        (partition, ofPartition) ->
            ofPartition.forEach(
                stretch ->
                    lines.add(
                        List.of(
                            String.valueOf(partition),
                            String.valueOf(stretch.from),
                            String.valueOf(stretch.to),
                            String.valueOf(stretch.records),
                            stretch.model,
                            stretch.revision.substring(0, 15)))));
    return lines;
  }

  private static Consumer<byte[], byte[]> consumer(String bootstrapServers) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        List.of(new TopicPartition(TOPICS.output(), 0), new TopicPartition(TOPICS.output(), 1));
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }
}
