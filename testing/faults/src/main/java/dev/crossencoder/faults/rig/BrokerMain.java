package dev.crossencoder.faults.rig;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A Kafka broker in a JVM of its own. Ends when it is asked to, as {@code kill} does. */
@Command(name = "broker", mixinStandardHelpOptions = true)
final class BrokerMain implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "Where its data is.")
  private Path folder;

  @Option(names = "--port", required = true, description = "Where clients connect.")
  private int port;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to write its port to when it serves clients.")
  private Path ready;

  @Option(names = "--broker", description = "A broker property, key=value.")
  private Map<String, String> properties = new HashMap<>();

  private BrokerMain() {}

  /** Runs a broker until the process ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BrokerMain()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(folder, port, properties);
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-shutdown"));
    Files.writeString(ready, String.valueOf(kafka.port()));
    new CountDownLatch(1).await();
    return 0;
  }
}
