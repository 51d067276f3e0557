package dev.crossencoder.job.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicSettingsTest {
  private static final String UNLIMITED = String.valueOf(Long.MAX_VALUE);

  @Test
  void theSettingsOfATopicOfKafka4AreRead() {
    TopicSettings topic =
        settings(
            Map.of(
                "cleanup.policy", "delete",
                "message.timestamp.type", "CreateTime",
                "message.timestamp.before.max.ms", UNLIMITED,
                "message.timestamp.after.max.ms", "3600000",
                "max.message.bytes", "1048588",
                "segment.bytes", "1073741824",
                "compression.type", "producer"));

    assertThat(topic)
        .isEqualTo(
            new TopicSettings(
                false, false, Long.MAX_VALUE, 3_600_000, 1_048_588, 1_073_741_824, false));
  }

  @Test
  void aTopicThatIsCompactedAndDeletedFromNeedsKeysToo() {
    assertThat(settings(Map.of("cleanup.policy", "compact")).compacted()).isTrue();
    assertThat(settings(Map.of("cleanup.policy", "compact,delete")).compacted()).isTrue();
    assertThat(settings(Map.of("cleanup.policy", "delete, compact")).compacted()).isTrue();
    assertThat(settings(Map.of("cleanup.policy", "delete")).compacted()).isFalse();
    assertThat(settings(Map.of("cleanup.policy", "")).compacted()).isFalse();
  }

  @Test
  void theOlderLimitHoldsInBothDirections() {
    TopicSettings before36 = settings(Map.of("message.timestamp.difference.max.ms", "5000"));

    assertThat(before36.timestampBeforeMaxMillis()).isEqualTo(5000);
    assertThat(before36.timestampAfterMaxMillis()).isEqualTo(5000);
  }

  @Test
  void theOlderLimitHoldsWhereTheNewerIsNotSet() {
    TopicSettings of36 =
        settings(
            Map.of(
                "message.timestamp.difference.max.ms", "5000",
                "message.timestamp.before.max.ms", UNLIMITED,
                "message.timestamp.after.max.ms", "7000"));

    assertThat(of36.timestampBeforeMaxMillis()).isEqualTo(5000);
    assertThat(of36.timestampAfterMaxMillis()).isEqualTo(7000);
  }

  @Test
  void aTopicWithTheBrokersTimeRefusesNoTimeOfWriting() {
    assertThat(settings(Map.of("message.timestamp.before.max.ms", "9")).mayRefuseNow(10)).isTrue();
    assertThat(settings(Map.of("message.timestamp.after.max.ms", "9")).mayRefuseNow(10)).isTrue();
    assertThat(settings(Map.of("message.timestamp.after.max.ms", "10")).mayRefuseNow(10)).isFalse();
    assertThat(
            settings(
                    Map.of(
                        "message.timestamp.after.max.ms", "9",
                        "message.timestamp.type", "LogAppendTime"))
                .mayRefuseNow(10))
        .isFalse();
  }

  @Test
  void onlyAnotherCompressionThanTheProducersCompressesAgain() {
    assertThat(settings(Map.of("compression.type", "producer")).recompresses()).isFalse();
    assertThat(settings(Map.of("compression.type", "zstd")).recompresses()).isTrue();
    assertThat(settings(Map.of("compression.type", "uncompressed")).recompresses()).isTrue();
  }

  private static TopicSettings settings(Map<String, String> values) {
    return TopicSettings.of(values::get);
  }
}
