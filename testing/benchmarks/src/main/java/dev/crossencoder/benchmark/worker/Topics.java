package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The Kafka clients of the benchmark. All topics have one partition. */
final class Topics {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final JsonMapper MAPPER = new JsonMapper();

  private final String bootstrapServers;

  Topics(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * A scored record.
   *
   * @param id the index of the pair
   * @param appendedMillis the time at which the broker appended the record
   */
  record Result(int id, float logit, long appendedMillis) {}

  /**
   * Sends pairs as JSON records with their index as the key, and waits until the broker has
   * acknowledged them.
   */
  void produce(String topic, List<TextPair> pairs) throws Exception {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    List<Future<RecordMetadata>> sent = new ArrayList<>(pairs.size());
    try (Producer<String, byte[]> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < pairs.size(); i++) {
        TextPair pair = pairs.get(i);
        byte[] value =
            MAPPER.writeValueAsBytes(Map.of("query", pair.text(), "passage", pair.textPair()));
        sent.add(producer.send(new ProducerRecord<>(topic, 0, String.valueOf(i), value)));
      }
      for (Future<RecordMetadata> acknowledged : sent) {
        acknowledged.get();
      }
    }
  }

  /** Reads all committed results in the order of their offsets. */
  List<Result> results(String topic) throws IOException {
    List<Result> results = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> message : committed(topic)) {
      if (message.timestampType() != TimestampType.LOG_APPEND_TIME) {
        throw new IllegalStateException(
            "Cannot measure with topic %s, its timestamps are %s."
                .formatted(topic, message.timestampType()));
      }
      float logit = MAPPER.readTree(message.value()).at("/cross_encoder/logits/0").floatValue();
      results.add(new Result(Integer.parseInt(message.key()), logit, message.timestamp()));
    }
    return results;
  }

  /** Returns the number of committed records of a topic. */
  int count(String topic) {
    return committed(topic).size();
  }

  private List<ConsumerRecord<String, byte[]>> committed(String topic) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    TopicPartition partition = new TopicPartition(topic, 0);
    List<ConsumerRecord<String, byte[]>> messages = new ArrayList<>();
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(POLL).forEach(messages::add);
      }
    }
    return messages;
  }
}
