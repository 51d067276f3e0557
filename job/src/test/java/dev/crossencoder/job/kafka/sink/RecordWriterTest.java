package dev.crossencoder.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.KafkaRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema.KafkaSinkContext;
import org.junit.jupiter.api.Test;

class RecordWriterTest {
  private final RecordWriter writer = new RecordWriter("pairs", "scored");

  @Test
  void aRecordStaysInItsPartition() {
    assertThat(partition(3, new Topics(4, 4))).isEqualTo(3);
  }

  @Test
  void theKeyDecidesIfTheTopicsDiffer() {
    assertThat(partition(3, new Topics(4, 6))).isNull();
    assertThat(partition(3, new Topics(6, 4))).isNull();
  }

  @Test
  void theKeyDecidesForPartitionsThatTheInputGotSinceTheStart() {
    Topics topics = new Topics(4, 4);

    assertThat(partition(0, topics)).isZero();
    assertThat(partition(4, topics)).isNull();
  }

  private Integer partition(int read, KafkaSinkContext context) {
    KafkaRecord record = new KafkaRecord("pairs", read, 7, 1_000, null, new byte[0], List.of());
    return writer.serialize(record, context, 1_000L).partition();
  }

  /** How many partitions the topics had when the writer started. */
  private record Topics(int pairs, int scored) implements KafkaSinkContext {
    @Override
    public int getParallelInstanceId() {
      return 0;
    }

    @Override
    public int getNumberOfParallelInstances() {
      return 1;
    }

    @Override
    public int[] getPartitionsForTopic(String topic) {
      return IntStream.range(0, Map.of("pairs", pairs, "scored", scored).get(topic)).toArray();
    }
  }
}
