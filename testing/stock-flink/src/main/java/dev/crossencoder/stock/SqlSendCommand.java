package dev.crossencoder.stock;

import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.ProducerRecord;
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
    new Topics(bootstrapServers)
        .send(
            topic,
            from,
            to,
            (number, partitions) ->
                new ProducerRecord<>(topic, format.pair(new NumberedRecord(number))));
    return 0;
  }
}
