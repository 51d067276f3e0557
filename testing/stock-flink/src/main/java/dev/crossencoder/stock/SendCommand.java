package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.ProducerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends the records of a range of numbers. */
@Command(name = "send", description = "Sends records to a topic.")
final class SendCommand implements Callable<Integer> {
  @Option(names = "--bootstrap-servers", required = true)
  private String bootstrapServers;

  @Option(names = "--topic", required = true)
  private String topic;

  @Option(names = "--from", required = true, description = "The first number.")
  private int from;

  @Option(names = "--to", required = true, description = "The number after the last one.")
  private int to;

  @Override
  public Integer call() throws Exception {
    new Topics(bootstrapServers)
        .send(
            topic,
            from,
            to,
            (number, partitions) -> {
              NumberedRecord record = new NumberedRecord(number);
              return new ProducerRecord<>(
                  topic,
                  record.partition(partitions),
                  record.key().getBytes(UTF_8),
                  record.value());
            });
    return 0;
  }
}
