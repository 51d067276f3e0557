package dev.crossencoder.job.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.TestTopics;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The size that is computed is the one at which Kafka begins to refuse. */
@Timeout(60)
@Tag("full")
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

  /** Random bytes grow when they are compressed, by the producer or by the broker. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
  void aBrokerTakesWhatIsComputedAlsoIfItDoesNotCompress(String codec) throws Exception {
    TestTopics topics = new TestTopics(kafka.bootstrapServers());
    for (int limit : new int[] {4_000, 70_000, 900_000}) {
      String ofProducer = "%s-producer-%d".formatted(codec, limit);
      String ofBroker = "%s-broker-%d".formatted(codec, limit);
      Map<String, String> size = Map.of("max.message.bytes", String.valueOf(limit));
      topics.create(ofProducer, 1, size);
      topics.create(
          ofBroker,
          1,
          Map.of("max.message.bytes", String.valueOf(limit), "compression.type", codec));
      int computed =
          SizeLimit.of(
                  new ProducerLimits(null, Integer.MAX_VALUE, Long.MAX_VALUE, 1, true),
                  ofProducer,
                  TopicSettings.of(size::get),
                  Integer.MAX_VALUE)
              .bytes();
      assertThat(computed).isBetween(limit * 9 / 10, limit - 1);

      send(ofProducer, random(computed), Map.of("compression.type", codec));
      send(ofBroker, random(computed), Map.of());

      assertThat(topics.written(ofProducer)).hasSize(1);
      assertThat(topics.written(ofBroker)).hasSize(1);
      if (limit == 70_000 && !codec.equals("zstd")) {
        assertThatThrownBy(() -> send(ofProducer, random(limit), Map.of("compression.type", codec)))
            .as("without the room for it")
            .hasCauseInstanceOf(RecordTooLargeException.class);
      }
    }
  }

  /** Returns a record of a size that no codec makes smaller. */
  private static KafkaRecord random(int size) {
    KafkaRecord record = new KafkaRecord("t", 0, 0, 0, null, new byte[size], List.of());
    byte[] value = new byte[2 * size - RecordSize.of(record)];
    new Random(size).nextBytes(value);
    record = record.withValue(value);
    assertThat(RecordSize.of(record)).isBetween(size - 1, size);
    return record;
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
    send("limit", element, Map.of("max.request.size", maxRequestSize));
  }

  private static void send(String topic, KafkaRecord element, Map<String, Object> more)
      throws Exception {
    Map<String, Object> properties = new HashMap<>(more);
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(record(topic, element)).get(10, TimeUnit.SECONDS);
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
