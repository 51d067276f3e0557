package dev.crossencoder.faults.rig;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Asks a job for another model through its control topic, and reads what became of it. Used by one
 * thread.
 */
public final class ControlMessages implements AutoCloseable {
  private static final String NAME_OF_THE_ONLY_MODEL = "";
  private static final String STATUS = "status/" + NAME_OF_THE_ONLY_MODEL;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final JsonMapper MAPPER = new JsonMapper();

  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private JsonNode last = MAPPER.createObjectNode();

  public ControlMessages(Rig rig, String topic) {
    this.topic = topic;
    Map<String, Object> properties =
        Map.of("bootstrap.servers", rig.broker().bootstrapServers(), "acks", "all");
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", rig.broker().bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> only = List.of(new TopicPartition(topic, 0));
    consumer.assign(only);
    consumer.seekToBeginning(only);
  }

  /** Asks for a model. */
  public void ask(String model) throws ExecutionException, InterruptedException {
    send(MAPPER.createObjectNode().put("model", model).toString());
  }

  /** Sends a value as it is. */
  public void send(String value) throws ExecutionException, InterruptedException {
    producer.send(new ProducerRecord<>(topic, bytes(NAME_OF_THE_ONLY_MODEL), bytes(value))).get();
  }

  /** Returns whether the last status says that a model is in use. */
  public boolean isActive(String model) throws IOException {
    read();
    return last.path("state").asText().equals("ACTIVE")
        && last.at("/active/model").asText().equals(model);
  }

  /** Returns whether the last status says that a model cannot be used. */
  public boolean hasFailed(String model) throws IOException {
    read();
    return last.path("state").asText().equals("FAILED")
        && last.at("/candidate/model").asText().equals(model);
  }

  /** The reason of the last status; empty if it has none. */
  public String message() {
    return last.path("message").asText();
  }

  private void read() throws IOException {
    for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
      if (new String(each.key(), StandardCharsets.UTF_8).equals(STATUS)) {
        last = MAPPER.readTree(each.value());
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
  }
}
