package dev.crossencoder.stock;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a Kafka broker until the process is ended. */
@Command(name = "broker", description = "Runs a Kafka broker on a free port.")
final class BrokerCommand implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "The data folder.")
  private Path folder;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to which the address is written when the broker serves clients.")
  private Path ready;

  @Override
  public Integer call() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(folder);
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-shutdown"));
    Files.writeString(ready, kafka.bootstrapServers() + "\n");
    new CountDownLatch(1).await();
    return 0;
  }
}
