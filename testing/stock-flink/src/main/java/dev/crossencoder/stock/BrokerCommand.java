package dev.crossencoder.stock;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a Kafka broker until the process is asked to end. */
@Command(name = "broker", description = "Runs a Kafka broker on a free port.")
final class BrokerCommand implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "Where its data is.")
  private Path folder;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to which it writes its address once it serves clients.")
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
