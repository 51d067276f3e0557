package dev.crossencoder.stock;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends the pairs of a range of numbers in a format. */
@Command(name = "sql-send", description = "Sends pairs to the topic of a table.")
final class SqlSendCommand implements Callable<Integer> {
  @Option(names = "--bootstrap-servers", required = true)
  private String bootstrapServers;

  @Option(names = "--topic", required = true)
  private String topic;

  @Option(names = "--format", required = true)
  private SqlFormat format;

  @Option(names = "--from", required = true, description = "The first number.")
  private int from;

  @Option(names = "--to", required = true, description = "The number after the last one.")
  private int to;

  @Override
  public Integer call() throws Exception {
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int number = from; number < to; number++) {
        byte[] value = format.pair(new NumberedRecord(number));
        sent.add(producer.send(new ProducerRecord<>(topic, value)));
      }
      for (Future<RecordMetadata> answer : sent) {
        answer.get();
      }
    }
    return 0;
  }
}
