package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a record's timestamp, key and headers are, and whatever the topics' settings: it is a
 * result or a dead letter, and the job goes on.
 */
@Timeout(180)
@Tag("full")
class TopicSettingsITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final Pattern ID = Pattern.compile("\"id\": \"(\\d+)\"");
  private static final long NONE = -1;
  private static final long WEEK = Duration.ofDays(7).toMillis();
  private static final Map<String, String> A_MINUTE =
      Map.of("message.timestamp.before.max.ms", "60000", "message.timestamp.after.max.ms", "60000");

  /** The start of the test, in microseconds where milliseconds belong: some 55,000 years ahead. */
  private static final long FAR_AHEAD = System.currentTimeMillis() * 1000;

  private static final long FAR_BACK = 981_173_106_000L;
  private static final long[] TIMESTAMPS = {FAR_AHEAD, FAR_BACK, NONE, 0};
  private static final byte[][] KEYS = {null, {}, {0, (byte) 0xC3, (byte) 0xFF, '\n'}};
  private static final List<List<Header>> HEADERS =
      List.of(
          List.of(),
          List.of(new RecordHeader("twice", bytes("1")), new RecordHeader("twice", bytes("2"))),
          List.of(new RecordHeader("null", (byte[]) null)),
          List.of(new RecordHeader("", bytes("\u0000"))));

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  /** Settings of both topics, and options of the job. */
  private enum Case {
    DELETE,
    COMPACT,
    COMPACT_AND_DELETE,
    BROKER_TIME,
    NARROW,
    TIME_OF_WRITING,
    AT_LEAST_ONCE;

    Map<String, String> output() {
      return switch (this) {
        case DELETE -> Map.of();
        case COMPACT, AT_LEAST_ONCE -> Map.of("cleanup.policy", "compact");
        case COMPACT_AND_DELETE -> Map.of("cleanup.policy", "compact,delete");
        case BROKER_TIME -> Map.of("message.timestamp.type", "LogAppendTime");
        case NARROW -> Map.of("message.timestamp.before.max.ms", String.valueOf(WEEK));
        case TIME_OF_WRITING -> A_MINUTE;
      };
    }

    Map<String, String> deadLetters() {
      return switch (this) {
        case BROKER_TIME -> Map.of("message.timestamp.type", "LogAppendTime");
        case NARROW -> A_MINUTE;
        default -> Map.of();
      };
    }

    Map<String, String> options() {
      return switch (this) {
        case TIME_OF_WRITING -> Map.of("output.timestamp", "none");
        case AT_LEAST_ONCE -> Map.of("delivery", "at-least-once");
        default -> Map.of();
      };
    }

    String expectedCode(Cell cell) {
      if (!cell.good()) {
        return "malformed_json";
      }
      if (output().getOrDefault("cleanup.policy", "").contains("compact") && cell.key() == null) {
        return "missing_key";
      }
      boolean judged = this != BROKER_TIME && this != TIME_OF_WRITING;
      boolean tooFar =
          cell.timestamp() == FAR_AHEAD || (this == NARROW && cell.timestamp() != NONE);
      return judged && tooFar ? "invalid_timestamp" : "";
    }
  }

  /** A record of the matrix. */
  private record Cell(int id, long timestamp, byte[] key, List<Header> headers, boolean good) {
    byte[] value() {
      return good ? TestRecords.value(id) : bytes("{\"id\": \"%d\", \"query\"".formatted(id));
    }
  }

  /** A record without a timestamp, as producers of before 2016 wrote them. */
  private static final class Untimed extends ProducerRecord<byte[], byte[]> {
    Untimed(String topic, Cell cell) {
      super(topic, 0, null, cell.key(), cell.value(), cell.headers());
    }

    @Override
    public Long timestamp() {
      return NONE;
    }
  }

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder);
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachRecordIsAResultOrADeadLetter(Case settings) throws Exception {
    String name = settings.name();
    topics.create(
        name, 1, Map.of("message.timestamp.after.max.ms", String.valueOf(Long.MAX_VALUE)));
    topics.create(scored(name), 1, settings.output());
    topics.create(dead(name), 1, settings.deadLetters());
    List<Cell> cells = cells();
    topics.send(
        cells.stream()
            .<ProducerRecord<byte[], byte[]>>map(
                cell ->
                    cell.timestamp() == NONE
                        ? new Untimed(name, cell)
                        : new ProducerRecord<>(
                            name, 0, cell.timestamp(), cell.key(), cell.value(), cell.headers()))
            .toList());
    assertThat(topics.written(name)).anyMatch(record -> record.timestamp() == NONE);
    long started = System.currentTimeMillis();

    jobs.runToEnd(name, settings.options());

    Map<Integer, ConsumerRecord<byte[], byte[]>> results = byId(topics.committed(scored(name)));
    Map<Integer, ConsumerRecord<byte[], byte[]>> letters = byId(topics.committed(dead(name)));
    Map<Integer, String> expected = new TreeMap<>();
    Map<Integer, String> found = new TreeMap<>();
    cells.forEach(cell -> expected.put(cell.id(), settings.expectedCode(cell)));
    results.keySet().forEach(id -> found.put(id, ""));
    letters.forEach(
        (id, letter) ->
            assertThat(found.put(id, header(letter, "cross-encoder.reason")))
                .as("also a result: %d", id)
                .isNull());
    assertThat(found).isEqualTo(expected);
    for (Cell cell : cells) {
      if (letters.containsKey(cell.id())) {
        checkDeadLetter(cell, letters.get(cell.id()), started);
      } else {
        checkResult(settings, cell, results.get(cell.id()), started);
      }
    }
  }

  private static void checkResult(
      Case settings, Cell cell, ConsumerRecord<byte[], byte[]> result, long started) {
    assertThat(result.key()).isEqualTo(cell.key());
    assertThat(result.headers().toArray()).containsExactlyElementsOf(cell.headers());
    if (settings == Case.BROKER_TIME) {
      assertThat(result.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    }
    if (settings == Case.BROKER_TIME
        || settings == Case.TIME_OF_WRITING
        || cell.timestamp() == NONE) {
      assertThat(result.timestamp()).isBetween(started, System.currentTimeMillis());
    } else {
      assertThat(result.timestamp()).isEqualTo(cell.timestamp());
    }
  }

  private static void checkDeadLetter(
      Cell cell, ConsumerRecord<byte[], byte[]> letter, long started) {
    assertThat(letter.key()).isEqualTo(cell.key());
    assertThat(letter.value()).isEqualTo(cell.value());
    assertThat(
            Arrays.stream(letter.headers().toArray())
                .filter(header -> !header.key().startsWith("cross-encoder.")))
        .containsExactlyElementsOf(cell.headers());
    assertThat(header(letter, "cross-encoder.timestamp"))
        .isEqualTo(String.valueOf(cell.timestamp()));
    assertThat(letter.timestamp()).isBetween(started, System.currentTimeMillis());
  }

  private static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (long timestamp : TIMESTAMPS) {
      for (byte[] key : KEYS) {
        for (List<Header> headers : HEADERS) {
          cells.add(new Cell(cells.size(), timestamp, key, headers, true));
          cells.add(new Cell(cells.size(), timestamp, key, headers, false));
        }
      }
    }
    return cells;
  }

  private static Map<Integer, ConsumerRecord<byte[], byte[]>> byId(
      List<ConsumerRecord<byte[], byte[]>> records) {
    Map<Integer, ConsumerRecord<byte[], byte[]>> byId = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Matcher id = ID.matcher(TestTopics.value(record));
      assertThat(id.find()).isTrue();
      assertThat(byId.put(Integer.parseInt(id.group(1)), record)).isNull();
    }
    return byId;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
