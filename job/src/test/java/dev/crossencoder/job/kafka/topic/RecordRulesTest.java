package dev.crossencoder.job.kafka.topic;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.operator.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class RecordRulesTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long HOUR = 3_600_000;
  private static final long MARGIN = RecordRules.MARGIN.toMillis();
  private static final String BEFORE = "message.timestamp.before.max.ms";
  private static final String AFTER = "message.timestamp.after.max.ms";

  @Test
  void aTimestampUpToTheMarginBeforeALimitIsTaken() {
    RecordRules rules = rules(Map.of(BEFORE, "3600000", AFTER, "3600000"));

    assertThat(code(rules, NOW + HOUR - MARGIN)).isEmpty();
    assertThat(code(rules, NOW + HOUR - MARGIN + 1)).hasValue("invalid_timestamp");
    assertThat(code(rules, NOW - HOUR + MARGIN)).isEmpty();
    assertThat(code(rules, NOW - HOUR + MARGIN - 1)).hasValue("invalid_timestamp");
  }

  @Test
  void ofANarrowLimitHalfIsLeft() {
    RecordRules rules = rules(Map.of(BEFORE, "1000", AFTER, "0"));

    assertThat(code(rules, NOW)).isEmpty();
    assertThat(code(rules, NOW + 1)).hasValue("invalid_timestamp");
    assertThat(code(rules, NOW - 500)).isEmpty();
    assertThat(code(rules, NOW - 501)).hasValue("invalid_timestamp");
  }

  @Test
  void timestampsAtTheEndsOfALongAreJudged() {
    RecordRules rules = rules(Map.of(BEFORE, "3600000", AFTER, "3600000"));

    assertThat(code(rules, Long.MAX_VALUE)).hasValue("invalid_timestamp");
    assertThat(code(rules, 0)).hasValue("invalid_timestamp");
    assertThat(code(rules(Map.of()), Long.MAX_VALUE)).isEmpty();
    assertThat(code(rules(Map.of()), 0)).isEmpty();
  }

  @Test
  void aRecordWithoutATimestampGetsTheTimeOfItsWriting() {
    assertThat(code(rules(Map.of(BEFORE, "60000", AFTER, "60000")), -1)).isEmpty();
  }

  @Test
  void aTopicWithTheBrokersTimeTakesEveryTimestamp() {
    RecordRules rules =
        rules(Map.of(BEFORE, "1", AFTER, "1", "message.timestamp.type", "LogAppendTime"));

    assertThat(code(rules, Long.MAX_VALUE)).isEmpty();
    assertThat(code(rules, 0)).isEmpty();
  }

  @Test
  void onlyACompactedTopicNeedsAKeyWhichMayBeEmpty() {
    RecordRules compacted = rules(Map.of("cleanup.policy", "compact"));

    assertThat(code(compacted, record(NOW, null))).hasValue("missing_key");
    assertThat(code(compacted, record(NOW, new byte[0]))).isEmpty();
    assertThat(code(rules(Map.of()), record(NOW, null))).isEmpty();
  }

  @Test
  void messagesNameTheTopicTheSettingAndTheWayOut() {
    RecordRules rules = rules(Map.of(AFTER, "3600000", "cleanup.policy", "compact"));

    assertThat(rules.refusal(record(NOW * 1000, bytes("k")), NOW))
        .map(Failure::message)
        .hasValue(
            "The record's timestamp 1800000000000000 (+59009-09-24T08:00:00Z) is 1798200000000000 ms ahead of the clock, message.timestamp.after.max.ms of topic scored allows 3600000. Results have the time of writing with output.timestamp none.");
    assertThat(rules.refusal(record(NOW, null), NOW))
        .map(Failure::message)
        .hasValue(
            "The record has no key, and topic scored is compacted (cleanup.policy): it accepts no record without a key.");
  }

  @Test
  void theSmallestOfAllLimitsCountsAndIsNamed() {
    Map<String, String> kafka = new HashMap<>();
    Map<String, String> topic = new HashMap<>();

    assertThat(size(kafka, topic)).isEqualTo(new SizeLimit(1 << 20, "properties.max.request.size"));
    topic.put("max.message.bytes", "900000");
    assertThat(size(kafka, topic))
        .isEqualTo(new SizeLimit(900_000, "max.message.bytes of topic scored"));
    topic.put("segment.bytes", "800000");
    assertThat(size(kafka, topic))
        .isEqualTo(new SizeLimit(800_000, "segment.bytes of topic scored"));
    kafka.put("buffer.memory", "700000");
    assertThat(size(kafka, topic)).isEqualTo(new SizeLimit(700_000, "properties.buffer.memory"));
    kafka.put("max.request.size", "600000");
    assertThat(size(kafka, topic)).isEqualTo(new SizeLimit(600_000, "properties.max.request.size"));
    assertThat(
            SizeLimit.of(
                    ProducerLimits.from(config(kafka)),
                    "scored",
                    TopicSettings.of(topic::get),
                    504_096)
                .source())
        .isEqualTo("the brokers' socket.request.max.bytes");
  }

  @Test
  void theOptionLowersTheLimitAndNeverRaisesIt() {
    assertThat(size("500 kb", 1 << 30))
        .isEqualTo(new SizeLimit(500 << 10, "output.max-record-size"));
    assertThat(size("5 mb", 1 << 30))
        .isEqualTo(new SizeLimit(1 << 20, "properties.max.request.size"));
    assertThat(size("5 mb", 100_000).source()).isEqualTo("the brokers' socket.request.max.bytes");
  }

  private static SizeLimit size(String option, int maxRequestBytes) {
    return SizeLimit.of(
        ProducerLimits.from(config(Map.of(), Map.of("output.max-record-size", option))),
        "scored",
        TopicSettings.UNKNOWN,
        maxRequestBytes);
  }

  private static Optional<String> code(RecordRules rules, long timestamp) {
    return code(rules, record(timestamp, bytes("key")));
  }

  private static Optional<String> code(RecordRules rules, KafkaRecord record) {
    return rules.refusal(record, NOW).map(Failure::code);
  }

  private static KafkaRecord record(long timestamp, byte[] key) {
    return new KafkaRecord("pairs", 0, 7, timestamp, key, bytes("{}"), List.of());
  }

  private static RecordRules rules(Map<String, String> topic) {
    return new RecordRules("scored", TopicSettings.of(topic::get), new SizeLimit(1_000, "a test"));
  }

  private static SizeLimit size(Map<String, String> kafka, Map<String, String> topic) {
    return SizeLimit.of(
        ProducerLimits.from(config(kafka)),
        "scored",
        TopicSettings.of(topic::get),
        Integer.MAX_VALUE);
  }

  private static JobConfig config(Map<String, String> kafka) {
    return config(kafka, Map.of());
  }

  private static JobConfig config(Map<String, String> kafka, Map<String, String> more) {
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                "bootstrap-servers", "localhost:1",
                "input.topic", "pairs",
                "output.topic", "scored",
                "cross-encoder.model", "demo-qa"));
    kafka.forEach((key, value) -> options.put("kafka." + key, value));
    options.putAll(more);
    return JobConfig.from(Configuration.fromMap(options));
  }
}
