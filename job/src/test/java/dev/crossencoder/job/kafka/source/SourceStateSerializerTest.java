package dev.crossencoder.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.job.change.ChangeRequest;
import dev.crossencoder.job.change.ChangeState;
import dev.crossencoder.job.change.ModelStatus;
import dev.crossencoder.operator.change.ModelRevision;
import dev.crossencoder.operator.change.ModelTag;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SourceStateSerializerTest {
  private static final KafkaSourceEnumStateSerializer CONNECTOR =
      new KafkaSourceEnumStateSerializer();
  private static final SourceStateSerializer FIXED = new SourceStateSerializer(CONNECTOR, false);
  private static final SourceStateSerializer LIVE = new SourceStateSerializer(CONNECTOR, true);

  private static final KafkaSourceEnumState PARTITIONS =
      new KafkaSourceEnumState(
          Set.of(), Set.of(new KafkaPartitionSplit(new TopicPartition("t", 1), 5)), true);

  private static final ChangeState CHANGES =
      new ChangeState(
          ModelTag.NONE.with(
              "en",
              new ModelTag.Entry(
                  new ModelRevision("/a b", "sha256:" + "a".repeat(64), "/ä%20"), "old")),
          Map.of("en", new ModelStatus.Revision("old", null)),
          List.of(new ChangeRequest("de", "new", null, Instant.parse("2026-01-31T00:00:00Z"))),
          Map.of(0, 7L, 2, 9L));

  @Test
  void aJobWithoutChangesWritesWhatTheConnectorReads() throws IOException {
    SourceState state = new SourceState(PARTITIONS, null);

    assertThat(FIXED.getVersion()).isEqualTo(CONNECTOR.getVersion());
    assertThat(CONNECTOR.deserialize(FIXED.getVersion(), FIXED.serialize(state)))
        .usingRecursiveComparison()
        .isEqualTo(PARTITIONS);
  }

  @Test
  void aJobWithChangesReadsWhatTheConnectorWrites() throws IOException {
    SourceState read = LIVE.deserialize(CONNECTOR.getVersion(), CONNECTOR.serialize(PARTITIONS));

    assertThat(read.partitions()).usingRecursiveComparison().isEqualTo(PARTITIONS);
    assertThat(read.changes()).isNull();
  }

  @Test
  void changesSurviveAlsoInAJobWithout() throws IOException {
    byte[] written = LIVE.serialize(new SourceState(PARTITIONS, CHANGES));

    for (SourceStateSerializer reader : List.of(LIVE, FIXED)) {
      SourceState read = reader.deserialize(LIVE.getVersion(), written);
      assertThat(read.partitions()).usingRecursiveComparison().isEqualTo(PARTITIONS);
      assertThat(read.changes()).isEqualTo(CHANGES);
    }
  }

  @Test
  void aLaterFormatIsNamed() {
    assertThatThrownBy(() -> LIVE.deserialize(LIVE.getVersion() + 1, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a later release wrote it in format 1001");
  }
}
