package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nothing about an input ends the job, and nothing gets lost, doubled or changed. */
@Timeout(180)
@Tag("full")
class HostileInputITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final long SEED = 20_260_131;
  private static final int GENERATED = 600;
  private static final String MEMBER = "\"cross_encoder\":{\"model\":\"demo-qa\",";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Map<String, String> LARGE_TOPIC = Map.of("max.message.bytes", "4194304");

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

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

  @Test
  void whateverIsProducedComesBackOnceAndUnchanged() throws Exception {
    Map<String, byte[]> produced = new LinkedHashMap<>();
    HostileRecords hostile = new HostileRecords(SEED);
    for (int id = 0; id < GENERATED; id++) {
      produced.put("id-" + id, hostile.next());
    }

    run("generated", produced);

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("generated"));
    List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("generated"));
    assertThat(Stream.concat(results.stream(), letters.stream()).map(TestTopics::key))
        .as("seed %d", SEED)
        .containsExactlyInAnyOrderElementsOf(produced.keySet());
    assertThat(results).hasSizeGreaterThan(GENERATED / 5);
    assertThat(letters).hasSizeGreaterThan(GENERATED / 5);
    for (ConsumerRecord<byte[], byte[]> letter : letters) {
      assertThat(letter.value())
          .as("seed %d, %s", SEED, TestTopics.key(letter))
          .isEqualTo(produced.get(TestTopics.key(letter)));
    }
    for (ConsumerRecord<byte[], byte[]> result : results) {
      String id = TestTopics.key(result);
      assertThat(withoutMember(result.value(), produced.get(id)))
          .as("seed %d, %s", SEED, id)
          .isEqualTo(produced.get(id));
    }
  }

  @Test
  void oddTextsAreScored() throws Exception {
    Map<String, byte[]> produced = new LinkedHashMap<>();
    produced.put("empty", pair("", ""));
    produced.put("blank", pair(" \\t\\n ", "\u00a0\u3000"));
    produced.put("emoji", pair("\ud83d\udc69\u200d\ud83d\udcbb?", "\ud83e\uddc0\ud83e\uddc0"));
    produced.put("escaped emoji", pair("\\ud83e\\uddc0", "x"));
    produced.put("lone surrogates", pair("a\\ud800b", "\\udc00\\ud800"));
    produced.put("control characters", pair("\\u0000\\u0007\\u001b", "\u007f\u200b"));
    produced.put("1 MB", pair("What is cheese?", "cheese ".repeat(150_000)));
    produced.put("1 MB without a space", pair("x".repeat(1 << 20), "y"));
    produced.put("deep", with("[".repeat(999) + "]".repeat(999)));
    produced.put("huge number", with("-1" + "0".repeat(100_000) + "e" + "9".repeat(1000)));
    produced.put(
        "long name",
        bytes("{\"" + "n".repeat(200_000) + "\":1,\"query\":\"q\",\"passage\":\"p\"}"));
    produced.put(
        "duplicates", bytes("{\"query\":1,\"query\":\"q\",\"passage\":{},\"passage\":\"p\"}"));
    produced.put("byte order mark", HostileRecords.afterByteOrderMark(pair("q", "p")));

    run("odd", produced);

    List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("odd"));
    assertThat(results.stream().map(TestTopics::key))
        .containsExactlyInAnyOrderElementsOf(produced.keySet());
    for (ConsumerRecord<byte[], byte[]> result : results) {
      String id = TestTopics.key(result);
      assertThat(withoutMember(result.value(), produced.get(id))).isEqualTo(produced.get(id));
      assertThat(member(result).path("truncated").asBoolean()).as(id).isEqualTo(id.equals("1 MB"));
    }
  }

  @Test
  void recordsThatWouldTakeAMultipleOfTheirSizeAreDeadLetters() throws Exception {
    Map<String, byte[]> produced = new LinkedHashMap<>();
    produced.put("too_deep", with("[".repeat(1 << 20) + "]".repeat(1 << 20)));
    produced.put("too_deep unfinished", bytes("{\"a\":" + "[".repeat(2 << 20)));
    produced.put(
        "oversized_result",
        bytes(
            "{%s\"query\":\"q\",\"passage\":\"p\"}"
                .formatted("\"cross_encoder\":0,".repeat(100_000))));

    run("multiples", produced, Map.of("output.overwrite", "true"));

    assertThat(topics.committed(scored("multiples"))).isEmpty();
    List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("multiples"));
    assertThat(letters.stream().map(TestTopics::key))
        .containsExactlyInAnyOrderElementsOf(produced.keySet());
    for (ConsumerRecord<byte[], byte[]> letter : letters) {
      String id = TestTopics.key(letter);
      assertThat(TestTopics.headers(letter))
          .containsEntry("cross-encoder.reason", id.replaceAll(" .*", ""));
      assertThat(letter.value()).isEqualTo(produced.get(id));
    }
  }

  /** A run in which the first failure would end the job, and this method. */
  private static void run(String name, Map<String, byte[]> values) throws Exception {
    run(name, values, Map.of());
  }

  private static void run(String name, Map<String, byte[]> values, Map<String, String> options)
      throws Exception {
    for (String topic : List.of(name, scored(name), dead(name))) {
      topics.create(topic, 2, LARGE_TOPIC);
    }
    List<ProducerRecord<byte[], byte[]>> records =
        values.entrySet().stream()
            .map(value -> TestTopics.record(name, value.getKey(), value.getValue()))
            .toList();
    topics.send(records);
    Map<String, String> all = new HashMap<>(options);
    all.put("properties.max.request.size", "4194304");
    jobs.runToEnd(name, all);
  }

  private static byte[] pair(String query, String passage) {
    return bytes("{\"query\":\"%s\",\"passage\":\"%s\"}".formatted(query, passage));
  }

  private static byte[] with(String value) {
    return bytes("{\"query\":\"q\",\"more\":%s,\"passage\":\"p\"}".formatted(value));
  }

  private static JsonNode member(ConsumerRecord<byte[], byte[]> result) throws Exception {
    String value = TestTopics.value(result);
    int start = value.lastIndexOf(MEMBER) + "\"cross_encoder\":".length();
    return MAPPER.readTree(value.substring(start));
  }

  /** Takes out as many bytes as were added, from where the member begins with its comma. */
  private static byte[] withoutMember(byte[] result, byte[] input) throws Exception {
    String latin = new String(result, StandardCharsets.ISO_8859_1);
    int start = latin.lastIndexOf("," + MEMBER);
    assertThat(start).isPositive();
    int end = start + result.length - input.length;
    JsonNode added = MAPPER.readTree("{" + latin.substring(start + 1, end) + "}");
    assertThat(added.size()).isOne();
    byte[] rest = Arrays.copyOf(result, input.length);
    System.arraycopy(result, end, rest, start, result.length - end);
    return rest;
  }
}
