package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.local.DemoRecord;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Writes Kafka records to a file as JSON Lines: {@code topic}, {@code partition}, {@code key},
 * {@code value} and {@code headers}. If the bytes of a value are not UTF-8, {@code value} is null
 * and {@code value_base64} has them in base64. Owned by one thread.
 */
final class DemoOutput implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final BufferedWriter writer;

  private DemoOutput(BufferedWriter writer) {
    this.writer = writer;
  }

  static DemoOutput create(Path file) throws IOException {
    return new DemoOutput(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
  }

  /** Writes an input record. */
  void write(String topic, DemoRecord record) throws IOException {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("topic", topic);
    line.put("key", record.id());
    putBytes(line, "value", record.value());
    write(line);
  }

  /** Writes an output record. */
  void write(ConsumerRecord<byte[], byte[]> record) throws IOException {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    putBytes(line, "key", record.key());
    putBytes(line, "value", record.value());
    ObjectNode headers = line.putObject("headers");
    for (Header header : record.headers()) {
      putBytes(headers, header.key(), header.value());
    }
    write(line);
  }

  private void write(ObjectNode line) throws IOException {
    writer.write(MAPPER.writeValueAsString(line));
    writer.write('\n');
  }

  private static void putBytes(ObjectNode node, String name, byte[] bytes) {
    Optional<String> text = text(bytes);
    node.put(name, text.orElse(null));
    if (bytes != null && text.isEmpty()) {
      node.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
    }
  }

  private static Optional<String> text(byte[] bytes) {
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
