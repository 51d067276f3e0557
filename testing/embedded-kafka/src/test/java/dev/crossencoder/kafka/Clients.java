package dev.crossencoder.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Producers and consumers of strings, with the properties that reach one broker. */
record Clients(Map<String, Object> properties) {
  private static final Duration POLL_DEADLINE = Duration.ofSeconds(10);

  static Clients of(EmbeddedKafka kafka) {
    return new Clients(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  Clients with(Map<String, Object> more) {
    Map<String, Object> all = new HashMap<>(properties);
    all.putAll(more);
    return new Clients(all);
  }

  Producer<String, String> producer() {
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  void send(String topic, String... values) throws Exception {
    try (Producer<String, String> producer = producer()) {
      send(producer, topic, values);
    }
  }

  static void send(Producer<String, String> producer, String topic, String... values)
      throws Exception {
    for (String value : values) {
      producer.send(new ProducerRecord<>(topic, value)).get(10, TimeUnit.SECONDS);
    }
  }

  /** Reads the topic as a consumer group of its own until so many committed records have come. */
  List<String> receive(String topic, int records) {
    Map<String, Object> reading =
        Map.of(
            "group.id", "reader-of-" + topic,
            "auto.offset.reset", "earliest",
            "isolation.level", "read_committed");
    List<String> values = new ArrayList<>();
    long deadline = System.nanoTime() + POLL_DEADLINE.toNanos();
    try (Consumer<String, String> consumer =
        new KafkaConsumer<>(
            with(reading).properties(), new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (values.size() < records && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
