package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a record becomes that cannot be scored, for each reason why. */
@Timeout(120)
class DeadLetterITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final int MAX_RESULT = 2_000;
  private static final int MAX_DEAD_LETTER = 3_000;
  private static final Header TRACE = new RecordHeader("trace", bytes("kept"));

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
  void eachReasonLeadsToADeadLetterAndEverythingElseGoesOn() throws Exception {
    topics.create("reasons", 1, Map.of());
    topics.create(scored("reasons"), 1, Map.of("max.message.bytes", String.valueOf(MAX_RESULT)));
    topics.create(dead("reasons"), 1, Map.of("max.message.bytes", String.valueOf(MAX_DEAD_LETTER)));
    Map<String, byte[]> bad = badValues();
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    bad.forEach(
        (code, value) -> {
          sent.add(new ProducerRecord<>("reasons", 0, 77L, bytes(code), value, List.of(TRACE)));
          sent.add(TestTopics.record("reasons", "after " + code, TestRecords.value(1)));
        });
    topics.send(sent);
    int skipped = 2 * List.copyOf(bad.keySet()).indexOf("skipped");

    jobs.runToEnd("reasons", Map.of("skip", "0:" + skipped + ";7:7"));

    assertThat(topics.countsByKey(scored("reasons")).keySet())
        .containsExactlyInAnyOrderElementsOf(bad.keySet().stream().map("after "::concat).toList());
    List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("reasons"));
    assertThat(letters).extracting(TestTopics::key).containsExactlyElementsOf(bad.keySet());
    for (int i = 0; i < letters.size(); i++) {
      ConsumerRecord<byte[], byte[]> letter = letters.get(i);
      String code = TestTopics.key(letter).replaceAll(" .*", "");
      assertThat(letter.value()).as(code).isEqualTo(bad.get(TestTopics.key(letter)));
      assertThat(letter.headers().headers("trace")).containsExactly(TRACE);
      assertThat(TestTopics.headers(letter))
          .containsEntry("cross-encoder.reason", code)
          .containsEntry("cross-encoder.topic", "reasons")
          .containsEntry("cross-encoder.partition", "0")
          .containsEntry("cross-encoder.offset", String.valueOf(2 * i))
          .containsEntry("cross-encoder.timestamp", "77")
          .hasSize(7);
      assertThat(TestTopics.headers(letter).get("cross-encoder.message")).endsWith(".");
    }
    assertThat(message(letters, "missing_field")).isEqualTo("The record has no field /passage.");
    assertThat(message(letters, "not_text"))
        .isEqualTo("The record's field /query is not a string but a number.");
    assertThat(message(letters, "field_exists"))
        .isEqualTo("The record has the field cross_encoder already.");
    assertThat(message(letters, "invalid_utf8"))
        .isEqualTo("The record's value is not UTF-8 at byte 11.");
    assertThat(message(letters, "oversized_result"))
        .matches(
            "With its result, the record has \\d+ bytes, max\\.message\\.bytes of topic reasons-scored allows 2000\\.");
  }

  @Test
  void aDeadLetterThatIsTooLargeLeavesOutItsValue() throws Exception {
    jobs.createTopics("large", 1);
    byte[] value = bytes("x".repeat(MAX_DEAD_LETTER));
    topics.send(
        List.of(
            new ProducerRecord<>("large", 0, 77L, bytes("key"), value, List.of(TRACE)),
            TestTopics.record("large", "good", TestRecords.value(1))));

    jobs.runToEnd("large", Map.of("output.max-record-size", MAX_DEAD_LETTER + " bytes"));

    assertThat(topics.countsByKey(scored("large"))).containsOnlyKeys("good");
    List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("large"));
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).key()).isEqualTo(bytes("key"));
    assertThat(letters.get(0).value()).isNull();
    assertThat(letters.get(0).headers().headers("trace")).containsExactly(TRACE);
    assertThat(TestTopics.headers(letters.get(0)))
        .containsEntry("cross-encoder.omitted", "value")
        .containsEntry("cross-encoder.reason", "malformed_json")
        .containsEntry("cross-encoder.offset", "0");
  }

  /** The producer would refuse it: what is larger than its memory. */
  @Test
  void aRecordThatTheProducersMemoryDoesNotTakeIsADeadLetter() throws Exception {
    jobs.createTopics("memory", 1);
    topics.send(List.of(TestTopics.record("memory", "large", padded(19_900))));

    jobs.runToEnd("memory", Map.of("properties.buffer.memory", "20000"));

    List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("memory"));
    assertThat(letters).extracting(TestTopics::key).containsExactly("large");
    assertThat(TestTopics.headers(letters.get(0)))
        .containsEntry("cross-encoder.reason", "oversized_result")
        .containsEntry("cross-encoder.omitted", "value");
  }

  @Test
  void anExistingFieldIsReplacedIfTheUserSaysSo() throws Exception {
    jobs.createTopics("overwrite", 1);
    String before = "{\"query\": \"q\", \"cross_encoder\" : ";
    String after = " , \"passage\": \"p\"}";
    topics.send(List.of(TestTopics.record("overwrite", "1", bytes(before + "[1, {}]" + after))));

    jobs.runToEnd("overwrite", Map.of("output.overwrite", "true"));

    assertThat(TestTopics.value(topics.committed(scored("overwrite")).get(0)))
        .startsWith(before + "{\"model\":\"demo-qa\"")
        .endsWith("}" + after);
    assertThat(topics.committed(dead("overwrite"))).isEmpty();
  }

  /** Values by the reason why they cannot be scored; what follows a space tells two apart. */
  private static Map<String, byte[]> badValues() {
    Map<String, byte[]> values = new LinkedHashMap<>();
    values.put("malformed_json", bytes("{\"query\": \"q\", \"passage\""));
    values.put("malformed_json array", bytes("[\"q\", \"p\"]"));
    values.put("malformed_json two", bytes("{\"query\":\"q\",\"passage\":\"p\"}{}"));
    values.put("malformed_json empty", new byte[0]);
    values.put("missing_field", bytes("{\"query\": \"q\"}"));
    values.put("missing_field both", bytes("{}"));
    values.put("not_text", bytes("{\"query\": 7, \"passage\": \"p\"}"));
    values.put("not_text null", bytes("{\"query\": \"q\", \"passage\": null}"));
    values.put("invalid_utf8", invalidUtf8());
    values.put("null_value", null);
    values.put("field_exists", bytes("{\"query\":\"q\",\"passage\":\"p\",\"cross_encoder\":null}"));
    values.put("skipped", TestRecords.value(1));
    values.put("oversized_result", padded(MAX_RESULT - 120));
    return values;
  }

  private static byte[] invalidUtf8() {
    byte[] value = "{\"query\":\"x\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.copyOf(value, value.length);
  }

  private static byte[] padded(int bytes) {
    String value = "{\"query\":\"q\",\"passage\":\"p\",\"more\":\"%s\"}";
    return bytes(value.formatted("x".repeat(bytes - value.length())));
  }

  private static String message(List<ConsumerRecord<byte[], byte[]>> letters, String key) {
    return letters.stream()
        .filter(letter -> TestTopics.key(letter).equals(key))
        .map(letter -> TestTopics.headers(letter).get("cross-encoder.message"))
        .findFirst()
        .orElseThrow();
  }
}
