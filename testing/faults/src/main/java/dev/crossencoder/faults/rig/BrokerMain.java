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

/** The main class of a Kafka broker process. The process ends on SIGTERM. */
@Command(name = "broker", mixinStandardHelpOptions = true)
final class BrokerMain implements Callable<Integer> {
  @Option(names = "--folder", required = true, description = "The data folder.")
  private Path folder;

  @Option(names = "--port", required = true, description = "The port for clients.")
  private int port;

  @Option(
      names = "--ready",
      required = true,
      description = "A file to which the port is written when the broker serves clients.")
  private Path ready;

  @Option(names = "--broker", description = "A broker property, key=value.")
  private Map<String, String> properties = new HashMap<>();

  private BrokerMain() {}

  /** Runs a broker until the process is ended. */
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
