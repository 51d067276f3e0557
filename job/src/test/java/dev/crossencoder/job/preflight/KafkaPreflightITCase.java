package dev.crossencoder.job.preflight;

import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.TestJobs;
import dev.crossencoder.job.kafka.topic.SizeLimit;
import dev.crossencoder.job.kafka.topic.TopicSettings;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before a job is submitted, because Kafka would not have it. */
@Timeout(60)
class KafkaPreflightITCase {
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(11);

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder);
    jobs = new TestJobs(kafka);
    jobs.createTopics("pairs", 1);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aHealthyClusterIsAccepted() throws Exception {
    jobs.topics().create("small", 1, Map.of("max.message.bytes", "2000"));

    KafkaPreflight.Findings found =
        new KafkaPreflight(config(Map.of("output.topic", "small")), TRANSACTION_TIMEOUT, true)
            .run();

    assertThat(found.outputs().results().maxMessageBytes()).isEqualTo(2000);
    assertThat(found.outputs().results().timestampAfterMaxMillis()).isEqualTo(3_600_000);
    assertThat(found.outputs().resultRules().size())
        .isEqualTo(new SizeLimit(2000, "max.message.bytes of topic small"));
    assertThat(found.outputs().deadLetters().maxMessageBytes()).isEqualTo(1_048_588);
  }

  /** {@code flink run} logs to a file, so that only standard error reaches who submits. */
  @Test
  void brokersThatCannotBeResolvedAreNamedOnStandardError() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      new KafkaPreflight(
              config(Map.of("bootstrap-servers", "kafkaa.invalid:9092")), TRANSACTION_TIMEOUT, true)
          .run();
    } finally {
      System.setErr(before);
    }

    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains(
            "Warning: Cannot check the options against the Kafka cluster of --bootstrap-servers kafkaa.invalid:9092 before submission: no host name in it can be resolved on this machine.");
  }

  @Test
  void aMissingTopicIsNamedWithItsOption() {
    assertThatThrownBy(() -> build(Map.of("output.topic", "nowhere")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid output.topic: nowhere. There is no such topic on this Kafka cluster. Create it first, with as many partitions as the input topic if records must keep their partition.");
    assertThatThrownBy(() -> build(Map.of("input.topic", "lost", "dead-letter.topic", "gone")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid input.topic: lost, gone. There is no such topic");
    assertThatThrownBy(() -> build(Map.of("dead-letter.topic", "gone")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid dead-letter.topic: gone. There is no such topic");
  }

  @Test
  void aTransactionTimeoutAboveTheBrokersIsRefused() {
    assertThatThrownBy(() -> build(Map.of("transaction.longest-outage", "20min")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid transaction.longest-outage: PT20M. With the checkpoint interval, it makes a transaction timeout of 1200 s, but the brokers' transaction.max.timeout.ms allows 900 s. Lower it or the interval, or raise the brokers' limit.");
  }

  @Test
  void withoutTransactionsTheirTimeoutDoesNotMatter() {
    Map<String, String> options =
        Map.of("transaction.longest-outage", "20min", "delivery", "at-least-once");

    assertThatCode(() -> build(options)).doesNotThrowAnyException();
  }

  @Test
  void exactlyOnceWithoutCheckpointsIsRefused() {
    assertThatThrownBy(
            () -> {
              Map<String, String> options = new HashMap<>(jobs.options("pairs", Map.of()));
              options.remove("checkpoint.interval");
              CrossEncoderJob.build(
                  StreamExecutionEnvironment.getExecutionEnvironment(),
                  JobConfig.from(Configuration.fromMap(options)));
            })
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid delivery: exactly-once. It needs checkpoints, and none are configured. Set --checkpoint-interval 10s (results then appear every 10 s), or choose --delivery at-least-once.");
  }

  @Test
  void aClusterThatDoesNotAnswerIsOnlyWarnedOf() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Map<String, String> options =
        Map.of(
            "bootstrap-servers",
            "127.0.0.1:" + closed,
            "properties.request.timeout.ms",
            "300",
            "properties.default.api.timeout.ms",
            "600");

    KafkaPreflight.Findings found =
        new KafkaPreflight(config(options), TRANSACTION_TIMEOUT, true).run();

    assertThat(found.outputs().results()).isEqualTo(TopicSettings.UNKNOWN);
    assertThat(found.outputs().deadLetters()).isEqualTo(TopicSettings.UNKNOWN);
  }

  @Test
  void aClientsTimeoutOfTheUserDoesNotContradictThePreflights() {
    assertThatCode(() -> build(Map.of("properties.request.timeout.ms", "60000")))
        .doesNotThrowAnyException();
    assertThatCode(() -> build(Map.of("properties.default.api.timeout.ms", "5000")))
        .doesNotThrowAnyException();
  }

  @Test
  void aPrefixWithOpenTransactionsIsRefusedAtAFirstStart() throws Exception {
    try (Producer<byte[], byte[]> other = transaction("taken-results-0-7")) {
      assertThatThrownBy(() -> build(Map.of("transaction.prefix", "taken")))
          .isInstanceOf(InvalidOptionException.class)
          .hasMessage(
              "Invalid transaction.prefix: taken. Kafka has 1 open transactions of this prefix, the first is taken-results-0-7: another job with this prefix is running, or crashed less than 600 s ago. Stop that job, start from its checkpoint, wait, or choose another job.name.");
      assertThatCode(
              () ->
                  new KafkaPreflight(
                          config(Map.of("transaction.prefix", "taken")), TRANSACTION_TIMEOUT, false)
                      .run())
          .doesNotThrowAnyException();
      other.abortTransaction();
    }
  }

  @Test
  void aJobWhoseNameOnlyStartsTheSameDoesNotStandInTheWay() throws Exception {
    try (Producer<byte[], byte[]> other = transaction("job-two-results-0-7")) {
      assertThatCode(() -> build(Map.of("transaction.prefix", "job"))).doesNotThrowAnyException();
      other.abortTransaction();
    }
  }

  @Test
  void aRequestSizeThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> build(Map.of("properties.max.request.size", "2 mb")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid properties.max.request.size: (not shown). It must be a whole number that fits [0,...].");
  }

  @Test
  void aDeadLetterTopicThatMayRefuseDeadLettersIsRefused() throws Exception {
    assertDeadLettersRefused(
        "compacted",
        Map.of("cleanup.policy", "compact,delete"),
        "The topic is compacted, so it refuses dead letters without a key, and keeps only the last one of each key. Set its cleanup.policy to delete, or name another topic.");
    assertDeadLettersRefused(
        "punctual",
        Map.of("message.timestamp.before.max.ms", "59999"),
        "Its message.timestamp.before.max.ms is 59999 and its message.timestamp.after.max.ms is 3600000, so it may refuse dead letters that arrive late, or because clocks differ. Raise both to at least 60000, or set its message.timestamp.type to LogAppendTime.");
    assertDeadLettersRefused(
        "tiny",
        Map.of("max.message.bytes", "1023"),
        "A dead letter may have at most 1023 bytes because of max.message.bytes of topic tiny, but without its content it has up to 1024. Raise that limit.");
  }

  @Test
  void anOutputTopicThatMayRefuseTheTimeOfWritingIsRefusedWithIt() throws Exception {
    Map<String, String> narrow = Map.of("message.timestamp.after.max.ms", "1000");
    jobs.topics().create("narrow", 1, narrow);

    assertThatCode(() -> build(Map.of("output.topic", "narrow"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> build(Map.of("output.topic", "narrow", "output.timestamp", "none")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "Invalid output.timestamp: none. Topic narrow allows 9223372036854775807 ms behind (message.timestamp.before.max.ms) and 1000 ms ahead of its broker's clock (message.timestamp.after.max.ms), so it may refuse results that arrive late, or because clocks differ. Raise both to at least 60000, or set its message.timestamp.type to LogAppendTime.");
  }

  @Test
  void aBatchThatNoFileOfATopicTakesIsRefused() throws Exception {
    jobs.topics().create("files", 1, Map.of("segment.bytes", "1048576"));

    assertThatThrownBy(
            () -> build(Map.of("output.topic", "files", "properties.batch.size", "1048577")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid properties.batch.size: 1048577. Topic files has log segments of 1048576 bytes (segment.bytes), and refuses larger batches: lower it to at most that size.");
  }

  @Test
  void aBatchThatTheProducersMemoryDoesNotTakeIsRefused() {
    assertThatThrownBy(
            () ->
                build(
                    Map.of("properties.buffer.memory", "20000", "properties.batch.size", "20001")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid properties.batch.size: 20001. The producer allocates this number of bytes from properties.buffer.memory for each batch, and it has 20000: lower the first, or raise the second.");
  }

  private static void assertDeadLettersRefused(
      String topic, Map<String, String> configs, String reason) throws Exception {
    jobs.topics().create(topic, 1, configs);

    assertThatThrownBy(() -> build(Map.of("dead-letter.topic", topic)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("Invalid dead-letter.topic: %s. %s", topic, reason);
  }

  private static Producer<byte[], byte[]> transaction(String id) throws Exception {
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", id),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>("pairs", null)).get(10, TimeUnit.SECONDS);
    return producer;
  }

  private static JobConfig config(Map<String, String> more) {
    Map<String, String> options = jobs.options("pairs", Map.of("output.topic", scored("pairs")));
    options.putAll(more);
    return JobConfig.from(Configuration.fromMap(options));
  }

  private static void build(Map<String, String> more) {
    CrossEncoderJob.build(StreamExecutionEnvironment.getExecutionEnvironment(), config(more));
  }
}
