package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The size that is computed is the one at which Kafka begins to refuse. */
@Timeout(60)
class RecordSizeITCase {
  @TempDir static Path folder;
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aProducerTakesARecordOfItsLimitAndNotOneByteMore() throws Exception {
    new TestTopics(kafka.bootstrapServers()).create("limit", 1, Map.of());
    for (KafkaRecord element : records()) {
      int size = RecordSize.of(element);

      assertThatCode(() -> send(element, size)).doesNotThrowAnyException();
      assertThatThrownBy(() -> send(element, size - 1))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RecordTooLargeException.class);
    }
  }

  @Test
  void aBrokerTakesWhatIsComputed() throws Exception {
    TestTopics topics = new TestTopics(kafka.bootstrapServers());
    KafkaRecord element = records().get(0);
    int size = RecordSize.of(element);
    topics.create("limit-of-topic", 1, Map.of("max.message.bytes", String.valueOf(size)));

    topics.send(List.of(record("limit-of-topic", element)));

    assertThat(topics.written("limit-of-topic")).hasSize(1);
  }

  private static List<KafkaRecord> records() {
    byte[] bytes = new byte[3000];
    Arrays.fill(bytes, (byte) 'x');
    List<KafkaHeader> headers =
        List.of(new KafkaHeader("\u00e9", bytes), new KafkaHeader("h", null));
    return List.of(
        new KafkaRecord("t", 0, 0, 1_700_000_000_000L, bytes, bytes, headers),
        new KafkaRecord("t", 0, 0, 0, null, bytes, List.of()),
        new KafkaRecord("t", 0, 0, 0, bytes, null, List.of()));
  }

  private static void send(KafkaRecord element, int maxRequestSize) throws Exception {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.request.size", maxRequestSize);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(record("limit", element)).get(10, TimeUnit.SECONDS);
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, KafkaRecord element) {
    List<Header> headers =
        element.headers().stream()
            .<Header>map(header -> new RecordHeader(header.key(), header.value()))
            .toList();
    return new ProducerRecord<>(
        topic, 0, element.timestamp(), element.key(), element.value(), headers);
  }
}
